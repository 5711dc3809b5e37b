"""Scale a part of an image to a size, with Lanczos."""

import pyvips

from imagekit.geometry import WHOLE, Box, Size

# An image that is scaled down by more than this factor is first averaged to this factor times the size. From 3 on, the
# result is as near to a Lanczos of the whole as without it.
_GAP = 3.0


def scale(pixels: pyvips.Image, *, size: Size, shown: Box = WHOLE) -> pyvips.Image:
    """Scale the part of an image that is shown. A transparent pixel does not add its colour to its neighbours.

    `pixels`: of 8 bits, grey or sRGB.
    `size`: as the pixels are stored, not rotated.
    `shown`: the part, as stored. Its edges are rounded to whole pixels. Default: the whole image.

    Result: of 8 bits, with the same bands.
    """
    part = _cut(pixels, shown=shown)
    if (part.width, part.height) == (size.width, size.height):
        return part
    if not part.hasalpha():
        return _resized(part, size=size)
    blended: pyvips.Image = _resized(part.premultiply(), size=size).unpremultiply()
    # libvips cuts off decimals.
    rounded: pyvips.Image = blended.rint().cast("uchar")
    return rounded


def _resized(part: pyvips.Image, *, size: Size) -> pyvips.Image:
    resized: pyvips.Image = part.resize(size.width / part.width, vscale=size.height / part.height, gap=_GAP)
    return resized


def _cut(pixels: pyvips.Image, *, shown: Box) -> pyvips.Image:
    if shown == WHOLE:
        return pixels
    left, top = _edge(shown.left, pixels.width), _edge(shown.top, pixels.height)
    width = max(1, round(shown.right * pixels.width) - left)
    height = max(1, round(shown.bottom * pixels.height) - top)
    part: pyvips.Image = pixels.crop(left, top, width, height)
    return part


def _edge(place: float, side: int) -> int:
    return min(round(place * side), side - 1)
