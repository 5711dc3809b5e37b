import pytest
from tests.unit.pictures import encoded, four_corners

from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageRejected
from imagekit.source import BytesSource

PICTURE = four_corners(37, 21)


def header_of(data: bytes) -> Header:
    return inspect_header(BytesSource(data))


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF"])
def test_a_still_image_has_one_frame(image_type: str) -> None:
    assert header_of(encoded(PICTURE, image_type)).frames == 1


@pytest.mark.parametrize(
    "endless",
    [b"GIF89a" + bytes(7) + b"\x21\x01\0" * 2_000_000, b"GIF89a" + bytes(7) + b"\x21"],
    ids=["empty extensions", "half an extension"],
)
def test_a_gif_with_only_extensions_is_unreadable(endless: bytes) -> None:
    with pytest.raises(ImageRejected):
        header_of(endless)
