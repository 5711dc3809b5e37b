"""Scaling while decoding: it is the same picture, and damage is found."""

from io import BytesIO

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.imagekit.decoding.test_one_picture import clipping_jpeg, contrast
from tests.unit.imagekit.operations.making import array_of, make, read
from tests.unit.pictures import decoded, encoded
from tests.unit.robustness.samples import SAMPLES, flipped, truncated

from imagekit.decoding.scaled import decode_scaled
from imagekit.geometry import Box, Size
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.delivery.effects import BlurUnsafe
from safelight_contracts.delivery.shaping import CropToFaces, Resize
from safelight_contracts.image_types import ImageType

PHOTOGRAPH = Image.fromarray(skimage.data.astronaut()).resize((1024, 1024), Image.Resampling.LANCZOS)
TRANSPARENT = PHOTOGRAPH.copy()
TRANSPARENT.putalpha(Image.linear_gradient("L").resize(PHOTOGRAPH.size))
FILES = {
    "JPEG": encoded(PHOTOGRAPH, "JPEG", quality=92),
    "progressive JPEG": encoded(PHOTOGRAPH, "JPEG", quality=92, progressive=True),
    "grey JPEG": encoded(PHOTOGRAPH.convert("L"), "JPEG", quality=92),
    "CMYK JPEG": encoded(PHOTOGRAPH.convert("CMYK"), "JPEG", quality=92),
    "WEBP": encoded(PHOTOGRAPH, "WEBP", quality=92),
    "lossless WEBP": encoded(PHOTOGRAPH, "WEBP", lossless=True, method=0),
    "WEBP with alpha": encoded(TRANSPARENT, "WEBP", quality=92),
}
END_OF_JPEG = b"\xff\xd9"


@pytest.mark.parametrize(
    ("name", "width"), [*((name, 100) for name in FILES), ("JPEG", 200), ("JPEG", 400), ("WEBP", 400)]
)
def test_a_smaller_picture_is_the_same_as_one_of_all_pixels(name: str, width: int) -> None:
    data = FILES[name]
    made = array_of(make(data, Resize(width=width), type=ImageType.PNG).data).astype(float)
    # A check sees this picture, so it is made of all pixels.
    exact = array_of(make(data, Resize(width=width), CropToFaces(), type=ImageType.PNG).data).astype(float)
    assert made.shape == exact.shape
    assert np.abs(made - exact).mean() < 2.5


@pytest.mark.parametrize(
    ("name", "at_least", "decoded_size"),
    [
        ("JPEG", 110, 128),
        ("JPEG", 128, 256),
        ("JPEG", 250, 512),
        ("JPEG", 600, 1024),
        ("WEBP", 300, 300),
        ("WEBP with alpha", 300, 1024),
        ("WEBP", 1024, 1024),
    ],
)
def test_a_file_is_decoded_at_this_size(name: str, at_least: int, decoded_size: int) -> None:
    source = read(FILES[name])
    found = decode_scaled(source.data, header=source.header, at_least=Size(width=at_least, height=at_least))
    assert (found.pixels.width, found.pixels.height) == (decoded_size, decoded_size)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.3, 0.95])
def test_a_truncated_file_is_unreadable(name: str, part: float) -> None:
    data = FILES[name]
    with pytest.raises(ImageRejected) as rejected:
        make(data[: int(part * len(data))], Resize(width=100))
    assert rejected.value.reason is ImageFault.UNREADABLE_IMAGE


@pytest.mark.parametrize("width", [100, 200, 400])
@pytest.mark.parametrize("name", ["JPEG", "grey JPEG", "CMYK JPEG"])
def test_a_jpeg_without_its_last_rows_is_unreadable_even_with_an_end(name: str, width: int) -> None:
    data = FILES[name]
    with pytest.raises(ImageRejected) as rejected:
        make(data[: int(0.8 * len(data))] + END_OF_JPEG, Resize(width=width))
    assert rejected.value.reason is ImageFault.UNREADABLE_IMAGE


def test_a_jpeg_whose_cut_rows_are_not_shown_is_unreadable() -> None:
    data = FILES["JPEG"]
    with pytest.raises(ImageRejected):
        make(data[: int(0.95 * len(data))] + END_OF_JPEG, Resize(width=200, height=20))


def test_one_with_a_check_shows_what_the_check_sees() -> None:
    data = clipping_jpeg()
    at_full_size = contrast(decoded(make(data, type=ImageType.PNG).data))
    faces = [Box(left=0, top=0, right=1, bottom=1)]
    for operation in (CropToFaces(), BlurUnsafe()):
        made = make(data, Resize(width=120), operation, faces=faces, type=ImageType.PNG)
        assert contrast(decoded(made.data)) == pytest.approx(at_full_size, abs=8)


def test_one_without_a_check_may_be_scaled_while_it_is_decoded() -> None:
    assert contrast(decoded(make(clipping_jpeg(), Resize(width=100), type=ImageType.PNG).data)) > 20


@pytest.mark.parametrize("name", ["JPEG", "progressive JPEG", "lossy WEBP", "lossless WEBP"])
def test_a_broken_file_gives_a_picture_or_a_rejection(name: str) -> None:
    for _, data in (*truncated(SAMPLES[name], places=20), *flipped(SAMPLES[name], count=30)):
        try:
            made = make(data, Resize(width=20))
        except ImageRejected:
            continue
        assert made.width == 20


@settings(deadline=None, max_examples=40)
@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    target=st.integers(1, 40),
    kind=st.sampled_from(["JPEG", "WEBP"]),
)
def test_any_size_is_scaled_to_any_smaller_one(width: int, height: int, target: int, kind: str) -> None:
    file = BytesIO()
    Image.new("RGB", (width, height), (200, 100, 50)).save(file, kind)
    made = make(file.getvalue(), Resize(width=target), type=ImageType.PNG)
    assert made.width == target
    assert np.abs(array_of(made.data).astype(int) - [200, 100, 50]).max() <= 8
