import pytest

from imagekit.formats.registry import FORMATS, recognise
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.image_types import ImageType


def file_type(*brands: bytes) -> bytes:
    """Make an `ftyp` box: the major brand, no minor version, and the brands that it is compatible with."""
    content = b"ftyp" + brands[0] + bytes(4) + b"".join(brands)
    return (4 + len(content)).to_bytes(4, "big") + content


def test_every_type_has_a_format_with_an_extension_of_its_own() -> None:
    assert list(FORMATS) == list(ImageType)
    assert len({one.extension for one in FORMATS.values()}) == len(ImageType)


@pytest.mark.parametrize(
    ("head", "image_type"),
    [
        (b"II*\0\x10\0\0\0CR\x02\0", ImageType.RAW),
        (b"II*\0\x08\0\0\0\0\0\0\0", ImageType.TIFF),
        (b"MM\0*\0\0\0\x08CR\0\0", ImageType.TIFF),
        (file_type(b"crx "), ImageType.RAW),
        (file_type(b"mif1", b"heic"), ImageType.HEIC),
        (file_type(b"mif1", b"heic", b"avif"), ImageType.AVIF),
        (b"\xff\x4f\xff\x51", ImageType.JPEG2000),
    ],
)
def test_types_with_the_same_start_are_distinguished(head: bytes, image_type: ImageType) -> None:
    assert recognise(head) is image_type


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (file_type(b"mif1"), ImageFault.UNSUPPORTED_TYPE),
        (file_type(b"isom"), ImageFault.UNSUPPORTED_TYPE),
        (b"%PDF-1.7", ImageFault.UNSUPPORTED_TYPE),
        (b"a text", ImageFault.UNREADABLE_IMAGE),
        (b"", ImageFault.UNREADABLE_IMAGE),
    ],
)
def test_a_file_that_no_format_recognises_is_rejected(head: bytes, reason: ImageFault) -> None:
    with pytest.raises(ImageRejected) as rejection:
        recognise(head)
    assert rejection.value.reason is reason
