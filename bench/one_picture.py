"""Why decoding never scales: a JPEG that shows one picture at full size, and another when libjpeg scales it.

The first coefficient of each block is its mean. A decode at 1/8 reads only this coefficient, and one at 1/4 or 1/2 the
lowest frequencies. This file has one other coefficient in each block, of a frequency that none of these decodes reads.
It is so large that a full decode clips half of the pixels to black and half of them to white, whatever the mean is.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from tests.unit.imagekit.decoding.test_one_picture import jpeg_of_coefficients

from bench import vips
from bench.resizing import by_engine, full_decode, scaled_decode
from bench.results import Table
from bench.sharp import Sharp

SIDE = 1024
WIDTH = 128
# Mean grey of the blocks, of 255, by their first coefficients.
QUARTER, REST = 218, 68

_STEP = 40
_GREY = 128
# A coefficient changes pixels by an eighth of its value, at the lowest frequency of both directions and at this one.
_FREQUENCY = 39  # 4, 4 in zigzag order
_AMPLITUDE = 250


def clipping_jpeg() -> bytes:
    """Write the JPEG: grey, with a light quarter at its upper left in the means of its blocks."""
    side = SIDE // 8
    means = np.full((side, side), REST)
    means[: side // 2, : side // 2] = QUARTER
    blocks = np.zeros((side, side, 64), dtype=np.int64)
    blocks[..., 0] = (means - _GREY) * 8 // _STEP
    blocks[..., _FREQUENCY] = _AMPLITUDE * 8 // _STEP
    return jpeg_of_coefficients(blocks, step=_STEP)


def clipping_table() -> Table:
    """Return the mean grey of two parts of the picture, as each method shows them."""
    data = clipping_jpeg()
    with TemporaryDirectory() as name, Sharp() as sharp:
        file = Path(name) / "clipping.jpg"
        file.write_bytes(data)
        (by_sharp,) = sharp.pictures("pictures", file=file, folder=Path(name), widths=[WIDTH])
    ways: Mapping[str, Callable[[], Image.Image]] = {
        "full decode, not resized": lambda: full_decode(data),
        "libjpeg, decode at 1/8": lambda: scaled_decode(data, width=WIDTH),
        "Safelight": lambda: by_engine(data, widths=[WIDTH])[0],
        "pyvips, thumbnail": lambda: vips.as_pillow(vips.cascade(data, widths=[WIDTH])[0]),
        "pyvips, without scaling on load": lambda: vips.as_pillow(vips.without_scaling_on_load(data, width=WIDTH)),
        "sharp": lambda: by_sharp,
    }
    return Table(
        title="Why Safelight does not scale on load: one JPEG, two pictures",
        note=f"A crafted JPEG of {SIDE} x {SIDE}: the mean grey of its upper left quarter and of the rest, of 255, as "
        f"each way shows them at {WIDTH} px. The means of its blocks draw a light quarter, which every scaled decode "
        "shows. The pixels of the full decode are clipped, and have the same grey everywhere. If Safelight scaled on "
        "load, a check of one size would see one of these pictures, and readers of another size would see the other.",
        columns={"way": "", "quarter": ".0f", "rest": ".0f"},
        rows=[(way, *_means(make())) for way, make in ways.items()],
    )


def _means(picture: Image.Image) -> tuple[float, float]:
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    quarter = np.zeros(grey.shape, dtype=bool)
    quarter[: grey.shape[0] // 2, : grey.shape[1] // 2] = True
    return float(grey[quarter].mean()), float(grey[~quarter].mean())


if __name__ == "__main__":
    from bench.results import markdown

    print(markdown(clipping_table()))
