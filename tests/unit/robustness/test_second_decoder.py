from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import decoded, encoded, exif

from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

Pixels = npt.NDArray[np.int64]

LOSSLESS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
    "GIF": {},
    "WEBP": {"lossless": True},
}
LOSSY: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 85},
    "progressive JPEG": {"quality": 85, "progressive": True},
    "4:4:4 JPEG": {"quality": 85, "subsampling": "4:4:4"},
    "WEBP": {"quality": 85},
    "AVIF": {"quality": 85, "speed": 10},
}
# Both decoders differ in how they round from YCbCr to RGB, and in how they fill in the chroma between its samples.
MEAN_TOLERANCE = 1.0
WORST_TOLERANCE = 24


@st.composite
def pictures(draw: st.DrawFn) -> Image.Image:
    """Smooth colour pictures of any small size, as photographs are between their edges."""
    width, height = draw(st.integers(1, 70)), draw(st.integers(1, 70))
    coarse = Image.frombytes("RGB", (3, 3), draw(st.binary(min_size=27, max_size=27)))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def ours(data: bytes) -> Pixels:
    header = inspect(data, limits=Limits())
    whole = Rendition(name="whole", width=header.width, height=header.height, fit=Fit.INSIDE, type=ImageType.PNG)
    (image,) = render(data, header=header, renditions=[whole])
    return np.asarray(decoded(image.data).convert("RGB"), dtype=np.int64)


def opencv(data: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels[:, :, ::-1].astype(np.int64)


@pytest.mark.parametrize("image_type", LOSSLESS)
@settings(derandomize=True, max_examples=25, deadline=None)
@given(picture=pictures())
def test_opencv_reads_the_same_pixels_of_lossless_formats(image_type: str, picture: Image.Image) -> None:
    data = encoded(picture, image_type, **LOSSLESS[image_type])
    assert np.array_equal(ours(data), opencv(data))


@pytest.mark.parametrize("kind", LOSSY)
@settings(derandomize=True, max_examples=25, deadline=None)
@given(picture=pictures())
def test_opencv_reads_nearly_the_same_pixels_of_lossy_formats(kind: str, picture: Image.Image) -> None:
    data = encoded(picture, kind.split()[-1], **LOSSY[kind])
    difference = np.abs(ours(data) - opencv(data))
    assert difference.mean() <= MEAN_TOLERANCE
    assert difference.max() <= WORST_TOLERANCE


@settings(derandomize=True, max_examples=40, deadline=None)
@given(picture=pictures(), orientation=st.integers(1, 8))
def test_opencv_turns_a_photograph_the_same_way(picture: Image.Image, orientation: int) -> None:
    data = encoded(picture, "JPEG", quality=95, exif=exif(orientation=orientation))
    assert np.abs(ours(data) - opencv(data)).mean() <= MEAN_TOLERANCE
