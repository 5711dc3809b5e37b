"""Renditions: one decode, then each rendition from the one before it, the largest first."""

from collections.abc import Sequence
from math import ceil

from PIL import Image

from imagekit.color import to_srgb
from imagekit.decode import decode, turn_upright
from imagekit.encode import MAX_SIDES, encode
from imagekit.geometry import Placement, Size, place
from imagekit.header import Header
from imagekit.rendition import RenderedImage, Rendition


def render(data: bytes, *, header: Header, renditions: Sequence[Rendition]) -> list[RenderedImage]:
    """Make the renditions of an image: upright, in sRGB, without metadata, never enlarged.

    Of an animation, the first frame is shown.

    Parameters
    ----------
    data
        The whole file.
    header
        What `imagekit.decode.inspect` said of it, its limits kept.
    renditions
        What to make. Those of one size in several formats are resized once.

    Returns
    -------
    list of RenderedImage
        In the order of `renditions`.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when the bytes are truncated or corrupt.
    """
    if not renditions:
        return []
    image = Size(width=header.width, height=header.height)
    placements = {rendition: _place(image, rendition=rendition) for rendition in renditions}
    scale = max(placement.scale for placement in placements.values())
    smallest_useful = Size(width=ceil(image.width * scale), height=ceil(image.height * scale))
    decoded = decode(data, header=header, at_least=smallest_useful)
    pixels = decoded.pixels
    rendered = {}
    for placement in sorted(dict.fromkeys(placements.values()), key=lambda one: one.scale, reverse=True):
        small = _resize(pixels, image=image, placement=placement, orientation=decoded.orientation)
        if (placement.shown_width, placement.shown_height) == (image.width, image.height):
            pixels = small
        upright = to_srgb(turn_upright(small, orientation=decoded.orientation), profile=decoded.color_profile)
        for rendition in (one for one in placements if placements[one] == placement):
            rendered[rendition] = _encode(upright, rendition=rendition)
    return [rendered[rendition] for rendition in renditions]


def _encode(picture: Image.Image, *, rendition: Rendition) -> RenderedImage:
    return RenderedImage(
        rendition=rendition,
        width=picture.width,
        height=picture.height,
        data=encode(picture, image_type=rendition.type, quality=rendition.quality),
    )


def _place(image: Size, *, rendition: Rendition) -> Placement:
    return place(
        image,
        fit=rendition.fit,
        width=rendition.width,
        height=rendition.height,
        max_side=MAX_SIDES[rendition.type],
    )


def _resize(pixels: Image.Image, *, image: Size, placement: Placement, orientation: int) -> Image.Image:
    # The part shown lies around the centre, where it lies still when the image is turned or mirrored: so
    # pixels as stored need nothing but the sides swapped.
    shown = placement.shown_width / image.width, placement.shown_height / image.height
    output = placement.output.width, placement.output.height
    if orientation >= 5:
        shown, output = shown[::-1], output[::-1]
    margins = pixels.width * (1 - shown[0]) / 2, pixels.height * (1 - shown[1]) / 2
    box = (margins[0], margins[1], pixels.width - margins[0], pixels.height - margins[1])
    return pixels.resize(output, Image.Resampling.LANCZOS, box=box)
