from io import BytesIO

import cv2
import numpy as np
import pytest
import tifffile
from tests.unit.pictures import decoded

from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

COLOR = (200, 120, 40)
SHOWN = Rendition(name="any", width=60, height=None, fit=Fit.INSIDE, type=ImageType.PNG)


def deep(*, channels: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint16]]":
    samples = np.zeros((60, 90, channels), np.uint16)
    samples[:] = [257 * value for value in (*COLOR, 128)[:channels]]
    return samples


def deep_png(*, channels: int) -> bytes:
    order = [2, 1, 0, 3][:channels]
    written, data = cv2.imencode(".png", deep(channels=channels)[:, :, order])
    assert written
    return data.tobytes()


def deep_tiff(*, channels: int, compression: str | None) -> bytes:
    file = BytesIO()
    tifffile.imwrite(
        file,
        deep(channels=channels),
        photometric="rgb",
        compression=compression,
        extrasamples=["unassalpha"] if channels == 4 else None,
    )
    return file.getvalue()


def middle(data: bytes) -> tuple[int, ...]:
    (image,) = render(data, header=inspect(data, limits=Limits()), renditions=[SHOWN])
    pixel = decoded(image.data).getpixel((30, 20))
    assert isinstance(pixel, tuple)
    return pixel


def test_a_png_of_16_bits_is_scaled_to_8() -> None:
    assert middle(deep_png(channels=3)) == COLOR


def test_a_png_of_16_bits_keeps_its_transparency() -> None:
    assert middle(deep_png(channels=4)) == pytest.approx((*COLOR, 128), abs=1)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_tiff_of_16_bits_is_scaled_to_8(compression: str | None) -> None:
    assert middle(deep_tiff(channels=3, compression=compression)) == COLOR


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_tiff_of_16_bits_keeps_its_transparency(compression: str | None) -> None:
    assert middle(deep_tiff(channels=4, compression=compression)) == pytest.approx((*COLOR, 128), abs=1)
