"""The cascade: make pictures of several sizes from one decode, each from the one before if that is large enough."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pyvips
from PIL import Image

from imagekit.decoding.color import in_color
from imagekit.decoding.decode import Decoded, turn_upright
from imagekit.decoding.libvips import to_pillow
from imagekit.geometry import WHOLE, Placement, Size
from imagekit.rendering.scaling import scale


def cascade(decoded: Decoded, *, placements: Iterable[Placement]) -> Iterator[tuple[Placement, Image.Image]]:
    """Make the picture for each placement, the largest first.

    `decoded`: the image. It is decoded while the first picture is made. All of it is kept in memory only if that
    picture shows a part, or is not large enough for the others.
    `placements`: which part of the image each picture shows, and how large. Equal ones are made once.

    Yields the picture in mode RGB or RGBA, upright, in sRGB and of the size `placement.picture`. Raises ImageRejected:
    `UNREADABLE_IMAGE` if the bytes are truncated or corrupt.
    """
    waiting = sorted(dict.fromkeys(placements), key=lambda one: one.needed.width * one.needed.height, reverse=True)
    is_in_memory = False
    while waiting:
        placement = waiting.pop(0)
        is_enough = _is_enough(placement, pixels=decoded.pixels, orientation=decoded.orientation, waiting=waiting)
        # The rows of a part may end before a place where the file is cut.
        if not is_in_memory and (placement.shown != WHOLE or (waiting and not is_enough)):
            decoded, is_in_memory = decoded.in_memory(), True
        picture = decoded.compute(resize(decoded.pixels, placement=placement, orientation=decoded.orientation))
        if is_enough:
            decoded, is_in_memory = replace(decoded, pixels=picture), True
        yield placement, turn_upright(in_color(to_pillow(picture)), orientation=decoded.orientation)


def resize(pixels: pyvips.Image, *, placement: Placement, orientation: int) -> pyvips.Image:
    """Scale the part of an image that a rendition shows.

    Rotate the result rather than the input: it has fewer pixels.

    `placement`: which part of the image is shown, and how large, as displayed.
    `orientation`: 1 to 8, as in EXIF.

    Result: as stored, not rotated.
    """
    return scale(
        pixels,
        size=_as_stored(placement.picture, orientation=orientation),
        shown=placement.shown.as_stored(orientation=orientation),
    )


def _is_enough(placement: Placement, *, pixels: pyvips.Image, orientation: int, waiting: Sequence[Placement]) -> bool:
    """Return whether the other pictures can be made of a placement's picture."""
    picture = _as_stored(placement.picture, orientation=orientation)
    is_smaller = picture.width <= pixels.width and picture.height <= pixels.height
    return placement.shown == WHOLE and is_smaller and all(_serves(placement.picture, other) for other in waiting)


def _as_stored(size: Size, *, orientation: int) -> Size:
    return size.transposed() if orientation >= 5 else size


def _serves(whole: Size, placement: Placement) -> bool:
    return whole.width >= placement.needed.width and whole.height >= placement.needed.height
