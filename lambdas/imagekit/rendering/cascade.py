"""The cascade: make pictures of several sizes from one decode, each from the one before if that is large enough."""

from collections.abc import Iterable, Iterator

from PIL import Image

from imagekit.decoding.color import in_color
from imagekit.decoding.decode import Decoded, turn_upright
from imagekit.geometry import WHOLE, Placement, Size

# An image that is scaled down by more than twice this factor is first averaged to this factor times the size. From 3
# on, you cannot tell the result from a Lanczos of the whole, according to Pillow's documentation of `Image.resize`.
_REDUCING_GAP = 3.0


def cascade(decoded: Decoded, *, placements: Iterable[Placement]) -> Iterator[tuple[Placement, Image.Image]]:
    """Make the picture for each placement, the largest first.

    `decoded`: the image, large enough for all of them. It is released as soon as a smaller picture is large enough.
    `placements`: which part of the image each picture shows, and how large. Equal ones are made once.

    Yields the picture in mode RGB or RGBA, upright, in sRGB and of the size `placement.picture`.
    """
    pixels, orientation = decoded.pixels, decoded.orientation
    del decoded
    waiting = sorted(dict.fromkeys(placements), key=lambda one: one.needed.width * one.needed.height, reverse=True)
    while waiting:
        placement = waiting.pop(0)
        picture = in_color(resize(pixels, placement=placement, orientation=orientation))
        is_smaller = picture.width <= pixels.width and picture.height <= pixels.height
        if placement.shown == WHOLE and is_smaller and all(_serves(placement.picture, other) for other in waiting):
            pixels = picture
        yield placement, turn_upright(picture, orientation=orientation)


def resize(pixels: Image.Image, *, placement: Placement, orientation: int) -> Image.Image:
    """Scale the part of an image that a rendition shows, with Lanczos.

    Rotate the result rather than the input: it has fewer pixels.

    `placement`: which part of the image is shown, and how large, as displayed.
    `orientation`: 1 to 8, as in EXIF.

    Result: as stored, not rotated.
    """
    shown = placement.shown.as_stored(orientation=orientation)
    size = placement.picture.transposed() if orientation >= 5 else placement.picture
    return pixels.resize(
        (size.width, size.height),
        Image.Resampling.LANCZOS,
        box=(
            shown.left * pixels.width,
            shown.top * pixels.height,
            shown.right * pixels.width,
            shown.bottom * pixels.height,
        ),
        reducing_gap=_REDUCING_GAP,
    )


def _serves(whole: Size, placement: Placement) -> bool:
    return whole.width >= placement.needed.width and whole.height >= placement.needed.height
