"""Operations that mix pixels with their neighbours. The numbers are sharp's (its ``operations.cc``)."""

import pyvips

from imagekit.operations.workpiece import as_srgb, blended, colors_of, in_bytes, with_colors
from safelight_contracts.delivery.effects import Blur, Convolve, Median, Sharpen

_MILD_BLUR = [[1, 1, 1]] * 3
_MILD_SHARPEN = [[-1, -1, -1], [-1, 32, -1], [-1, -1, -1]]


def blur(image: pyvips.Image, operation: Blur) -> pyvips.Image:
    """Blur colours and transparency."""
    sigma = operation.sigma
    if sigma is None:
        mask = _mask(_MILD_BLUR)
        return blended(image, lambda pixels: pixels.conv(mask, precision="float"))
    return blended(image, lambda pixels: pixels.gaussblur(sigma))


def sharpen(image: pyvips.Image, operation: Sharpen) -> pyvips.Image:
    """Sharpen all channels alike, or the lightness of CIELAB."""
    if operation.sigma is None:
        mask = _mask(_MILD_SHARPEN)
        return blended(image, lambda pixels: pixels.conv(mask, precision="float"))

    def by_lightness(pixels: pyvips.Image) -> pyvips.Image:
        values = as_srgb(in_bytes(pixels))
        sharpened: pyvips.Image = values.sharpen(sigma=operation.sigma, m1=operation.flat, m2=operation.jagged)
        return sharpened.colourspace("srgb")

    return blended(image, by_lightness)


def median(image: pyvips.Image, operation: Median) -> pyvips.Image:
    """Take the median of each channel. The square is at most as large as the picture."""
    width, height = min(operation.size, image.width), min(operation.size, image.height)
    return blended(image, lambda pixels: pixels.rank(width, height, width * height // 2))


def convolve(image: pyvips.Image, operation: Convolve) -> pyvips.Image:
    """Convolve the colours. Transparency stays, because most kernels that find edges would remove the picture."""
    width = operation.width
    rows = [list(operation.kernel[at : at + width]) for at in range(0, width * operation.height, width)]
    scale = operation.scale if operation.scale is not None else sum(operation.kernel)
    mask = pyvips.Image.new_from_array(rows, scale=scale or 1.0, offset=operation.offset)
    if image.bands == 3:
        return with_colors(image, image.conv(mask, precision="float"))
    mixed = colors_of(image.premultiply()).conv(mask, precision="float")
    return with_colors(image, colors_of(mixed.bandjoin(image[3]).copy(interpretation="srgb").unpremultiply()))


def _mask(rows: list[list[int]]) -> pyvips.Image:
    mask: pyvips.Image = pyvips.Image.new_from_array(rows, scale=sum(map(sum, rows)))
    return mask
