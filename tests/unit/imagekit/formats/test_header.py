import struct
from io import BytesIO

import pytest
from PIL import ExifTags, Image, ImageCms
from tests.unit.pictures import encoded, four_corners, heic
from tests.unit.raw_pictures import dng

from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageRejected
from imagekit.source import BytesSource, FetchedSource

PICTURE = four_corners(37, 21)
TRANSPARENT = PICTURE.convert("RGBA")
TRANSPARENT.putpixel((0, 0), (0, 0, 0, 0))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def header_of(data: bytes) -> Header:
    return inspect_header(BytesSource(data))


def bitmap_of_version_5(*, alpha_mask: int, color_space: bytes) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 124, 37, 21, 1, 32, 3, 37 * 21 * 4, 0, 0, 0, 0)
    header += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, alpha_mask) + color_space
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 138) + header.ljust(124, b"\0") + bytes(37 * 21 * 4)


@pytest.mark.parametrize(
    ("data", "has_alpha"),
    [
        (encoded(PICTURE, "JPEG"), False),
        (encoded(PICTURE, "PNG"), False),
        (encoded(TRANSPARENT, "PNG"), True),
        (encoded(TRANSPARENT.convert("LA"), "PNG"), True),
        (encoded(PICTURE.convert("P"), "PNG", transparency=0), True),
        (encoded(PICTURE, "WEBP"), False),
        (encoded(TRANSPARENT, "WEBP"), True),
        (encoded(TRANSPARENT, "WEBP", lossless=True), True),
        (encoded(PICTURE, "WEBP", lossless=True), False),
        (encoded(PICTURE, "GIF"), False),
        (encoded(TRANSPARENT, "GIF"), True),
        (encoded(PICTURE, "TIFF"), False),
        (encoded(TRANSPARENT, "TIFF"), True),
        (encoded(PICTURE, "BMP"), False),
        (bitmap_of_version_5(alpha_mask=0xFF000000, color_space=b"BGRs"), True),
        (encoded(PICTURE, "AVIF"), False),
        (encoded(TRANSPARENT, "AVIF"), True),
        (heic("orientation_1"), False),
        (dng(PICTURE), False),
    ],
)
def test_a_header_says_whether_pixels_may_be_transparent_as_pillow_does(data: bytes, has_alpha: bool) -> None:  # noqa: FBT001
    header = header_of(data)
    assert header.has_alpha is has_alpha
    if header.type not in ("HEIC", "RAW"):
        assert Image.open(BytesIO(data)).has_transparency_data is has_alpha


@pytest.mark.parametrize(
    ("data", "bit_depth"),
    [
        (encoded(PICTURE, "JPEG"), 8),
        (encoded(PICTURE, "PNG"), 8),
        (encoded(PICTURE.convert("L").convert("I;16"), "PNG"), 16),
        (encoded(PICTURE.convert("1"), "PNG"), 1),
        (encoded(Image.new("P", (4, 4)), "PNG", bits=2), 8),
        (encoded(PICTURE, "WEBP"), 8),
        (encoded(PICTURE, "GIF"), 8),
        (encoded(PICTURE, "TIFF"), 8),
        (encoded(PICTURE.convert("1"), "TIFF"), 1),
        (encoded(PICTURE.convert("F"), "TIFF"), 32),
        (encoded(PICTURE, "BMP"), 8),
        (encoded(PICTURE, "AVIF"), 8),
        (heic("orientation_1"), 8),
        (dng(PICTURE), 16),
    ],
)
def test_a_header_says_how_many_bits_a_sample_has(data: bytes, bit_depth: int) -> None:
    assert header_of(data).bit_depth == bit_depth


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_header_says_whether_a_color_profile_is_there(image_type: str) -> None:
    assert header_of(encoded(PICTURE, image_type, icc_profile=SRGB)).has_color_profile
    assert not header_of(encoded(PICTURE, image_type)).has_color_profile


@pytest.mark.parametrize(("color_space", "there"), [(b"BGRs", False), (b"DEBM", True)])
def test_of_a_bitmap_an_embedded_color_profile_alone_counts(color_space: bytes, there: bool) -> None:  # noqa: FBT001
    assert header_of(bitmap_of_version_5(alpha_mask=0, color_space=color_space)).has_color_profile is there


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF"])
def test_a_still_image_has_one_frame(image_type: str) -> None:
    assert header_of(encoded(PICTURE, image_type)).frames == 1


@pytest.mark.parametrize(
    "data",
    [
        encoded(Image.effect_noise((400, 400), 90), "JPEG", icc_profile=SRGB),
        encoded(Image.effect_noise((400, 400), 90), "PNG"),
        encoded(Image.effect_noise((400, 400), 90), "WEBP"),
        encoded(Image.effect_noise((400, 400), 90), "AVIF"),
        heic("37x21_of_64x64"),
    ],
    ids=["JPEG", "PNG", "WEBP", "AVIF", "HEIC"],
)
def test_an_image_cut_off_behind_the_bytes_that_are_needed_is_inspected_alike(data: bytes) -> None:
    header = header_of(data)
    assert 0 < header.bytes_needed < len(data)
    assert header_of(data[: header.bytes_needed]) == header


def photograph_of_raspberry_pi(*, model: str, appended: bytes) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "RaspberryPi", model
    return encoded(PICTURE, "JPEG", exif=exif) + appended


@pytest.mark.parametrize(
    ("model", "appended_bytes"), [("RP_ov5647", 6_404_096), ("RP_imx219", 10_270_208), ("RP_imx477", 18_711_040)]
)
def test_raw_data_that_a_raspberry_pi_appended_is_recognised(model: str, appended_bytes: int) -> None:
    block = b"BRCMo".ljust(appended_bytes, b"\0")
    data = photograph_of_raspberry_pi(model=model, appended=bytes(100_000) + block)
    fetches = []

    def fetch(offset: int, length: int) -> bytes:
        fetches.append(length)
        return data[offset : offset + length]

    header = inspect_header(FetchedSource(fetch, size=len(data)))
    assert (header.type, header.width, header.has_raw_appended) == ("JPEG", 37, True)
    assert fetches == [65_536, 65_536]


@pytest.mark.parametrize(
    "data",
    [
        photograph_of_raspberry_pi(model="RP_ov5647", appended=b""),
        photograph_of_raspberry_pi(model="RP_ov5647", appended=bytes(6_404_096)),
        photograph_of_raspberry_pi(model="another", appended=b"BRCM".ljust(6_404_096, b"\0")),
        encoded(PICTURE, "JPEG") + b"BRCM".ljust(6_404_096, b"\0"),
    ],
    ids=["nothing", "something else", "by another sensor", "by another camera"],
)
def test_without_its_mark_or_its_camera_nothing_is_taken_for_appended_raw_data(data: bytes) -> None:
    assert not header_of(data).has_raw_appended


@pytest.mark.parametrize(
    "endless",
    [b"GIF89a" + bytes(7) + b"\x21\x01\0" * 2_000_000, b"GIF89a" + bytes(7) + b"\x21"],
    ids=["empty extensions", "half an extension"],
)
def test_a_gif_of_nothing_but_extensions_is_given_up(endless: bytes) -> None:
    with pytest.raises(ImageRejected):
        header_of(endless)
