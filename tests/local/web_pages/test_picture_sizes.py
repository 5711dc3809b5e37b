import io

import pytest
from PIL import Image

from safelight_local.web_pages.picture_sizes import upright_size
from safelight_local.web_pages.result_sizes import Size


def picture(image_type: str, *, orientation: int | None = None) -> bytes:
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    file = io.BytesIO()
    Image.effect_noise((400, 300), 50).save(file, image_type, exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_the_size_is_read(image_type: str) -> None:
    assert upright_size(io.BytesIO(picture(image_type))) == Size(width=400, height=300)


def test_a_turned_picture_has_the_size_in_which_it_is_shown() -> None:
    assert upright_size(io.BytesIO(picture("JPEG", orientation=6))) == Size(width=300, height=400)


def test_the_beginning_of_a_file_is_enough() -> None:
    assert upright_size(io.BytesIO(picture("JPEG")[:2_000])) == Size(width=400, height=300)


@pytest.mark.parametrize("content", [b"", b"text", b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_has_no_size(content: bytes) -> None:
    assert upright_size(io.BytesIO(content)) is None
