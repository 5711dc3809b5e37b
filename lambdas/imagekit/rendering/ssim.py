"""The similarity of two images: the mean structural similarity of their luma, computed with Pillow alone.

NumPy would take 50 MB of a function's package and a tenth of a second of its start. The index is that of Wang, Bovik,
Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity" (2004). It uses
windows of 8 x 8 pixels at every fourth pixel, like FFmpeg and x264.
"""

from PIL import Image, ImageMath

_BLOCK = 4
_STRIP = 256
_C1 = (0.01 * 255) ** 2
_C2 = (0.03 * 255) ** 2


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Compare two images of the same size.

    `one`, `other`: in mode L.

    Returns 1 if the images are equal, and less the more they differ. It can be negative.
    """
    width, height = one.size
    blocks = (-(-width // _BLOCK), -(-height // _BLOCK))
    means = [Image.new("F", blocks) for _ in range(4)]
    # Work in strips, because the products take 4 bytes a pixel each.
    for top in range(0, height, _STRIP):
        x, y = (image.crop((0, top, width, min(height, top + _STRIP))).convert("F") for image in (one, other))
        squares = ImageMath.lambda_eval(lambda of: of["x"] * of["x"] + of["y"] * of["y"], x=x, y=y)
        products = ImageMath.lambda_eval(lambda of: of["x"] * of["y"], x=x, y=y)
        for mean, values in zip(means, (x, y, squares, products), strict=True):
            mean.paste(values.reduce(_BLOCK), (0, top // _BLOCK))
    x, y, squares, products = (_windows(mean) for mean in means)
    index = ImageMath.lambda_eval(
        lambda of: (
            (2 * of["x"] * of["y"] + _C1)
            * (2 * (of["xy"] - of["x"] * of["y"]) + _C2)
            / (
                (of["x"] * of["x"] + of["y"] * of["y"] + _C1)
                * (of["xx_yy"] - of["x"] * of["x"] - of["y"] * of["y"] + _C2)
            )
        ),
        x=x,
        y=y,
        xx_yy=squares,
        xy=products,
    )
    return float(index.reduce(index.size).getpixel((0, 0)))


def _windows(blocks: Image.Image) -> Image.Image:
    # Bilinear, half a block from the edges and at the same scale: the mean of each block and its three neighbours.
    (left, right), (top, bottom) = ((0.5, side - 0.5) if side > 1 else (0.0, 1.0) for side in blocks.size)
    size = (max(1, blocks.width - 1), max(1, blocks.height - 1))
    return blocks.resize(size, Image.Resampling.BILINEAR, box=(left, top, right, bottom))
