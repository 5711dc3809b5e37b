"""How a header says that the numbers of an image without an ICC profile stand for colours."""

import struct
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.heif_files import Item, Property, code_points, heif_header, size
from tests.unit.pictures import encoded, four_corners
from tests.unit.profiles import SRGB as SRGB_PROFILE
from tests.unit.raw_pictures import BYTE, LONG, SHORT, Tag, directory, tag, text, tiff
from tests.unit.robustness.hostile import chunk, png

from imagekit.formats.inspection import inspect_header
from imagekit.metadata.color_encoding import (
    ADOBE_RGB,
    BT709,
    SRGB,
    ColorEncoding,
    Primaries,
    TransferFunction,
)
from imagekit.source import BytesSource

PICTURE = four_corners(64, 48)
DISPLAY_P3 = Primaries(red=(0.68, 0.32), green=(0.265, 0.69), blue=(0.15, 0.06))
BT2020 = Primaries(red=(0.708, 0.292), green=(0.17, 0.797), blue=(0.131, 0.046))
ADOBE_RGB_1998 = ColorEncoding(primaries=ADOBE_RGB, transfer=TransferFunction.GAMMA, gamma=2.19921875)
CHROMATICITIES_OF_ADOBE_RGB = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
CHROMATICITIES_OF_SRGB = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)


def encoding_in(data: bytes) -> ColorEncoding:
    return inspect_header(BytesSource(data)).color_encoding


def gamma_of(exponent: float, *, primaries: Primaries = BT709) -> ColorEncoding:
    return ColorEncoding(primaries=primaries, transfer=TransferFunction.GAMMA, gamma=exponent)


def with_transfer(transfer: TransferFunction, *, primaries: Primaries) -> ColorEncoding:
    return ColorEncoding(primaries=primaries, transfer=transfer)


def cicp(primaries: int, transfer: int, matrix: int = 0) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, matrix, 1]))


def gama(stored: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", stored))


def chrm(*numbers: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(number * 100_000) for number in numbers)))


def png_with(*chunks: bytes) -> bytes:
    return png(8, 8, *chunks, color=2)


ICCP, SRGB_CHUNK = chunk(b"iCCP", b"profile\0\0"), chunk(b"sRGB", b"\0")
CODE_POINTS: Mapping[tuple[int, int], ColorEncoding] = {
    (1, 13): SRGB,
    (2, 2): SRGB,
    (1, 1): SRGB,
    (6, 6): with_transfer(
        TransferFunction.SRGB, primaries=Primaries(red=(0.63, 0.34), green=(0.31, 0.595), blue=(0.155, 0.07))
    ),
    (12, 13): with_transfer(TransferFunction.SRGB, primaries=DISPLAY_P3),
    (9, 14): with_transfer(TransferFunction.SRGB, primaries=BT2020),
    (9, 16): with_transfer(TransferFunction.PQ, primaries=BT2020),
    (9, 18): with_transfer(TransferFunction.HLG, primaries=BT2020),
    (12, 2): with_transfer(TransferFunction.SRGB, primaries=DISPLAY_P3),
    (2, 16): with_transfer(TransferFunction.PQ, primaries=BT709),
    (1, 4): gamma_of(2.2),
    (1, 5): gamma_of(2.8),
    (1, 8): gamma_of(1.0),
    (10, 13): SRGB,
    (3, 255): SRGB,
}


@pytest.mark.parametrize("numbers", CODE_POINTS)
def test_a_png_and_an_avif_name_their_encoding_by_code_points(numbers: tuple[int, int]) -> None:
    expected = CODE_POINTS[numbers]
    assert encoding_in(png_with(cicp(*numbers))) == expected
    items = {1: Item(kind=b"av01", properties=[size(8, 8), code_points(*numbers)])}
    assert encoding_in(heif_header(items)) == expected
    assert encoding_in(heif_header(items, brand=b"heic")) == expected


def test_the_code_points_that_a_real_encoder_writes_are_read() -> None:
    data = encoded(PICTURE, "AVIF")
    assert encoding_in(data) == SRGB
    at = data.index(b"colrnclx") + 8
    assert encoding_in(data[:at] + struct.pack(">HH", 12, 13) + data[at + 4 :]).primaries == DISPLAY_P3


@pytest.mark.parametrize("kind", [b"prof", b"rICC"])
def test_the_profile_of_an_avif_has_precedence_over_code_points(kind: bytes) -> None:
    colors: list[Property] = [code_points(9, 16), (b"colr", kind + b"profile")]
    for order in (colors, colors[::-1]):
        assert encoding_in(heif_header({1: Item(kind=b"av01", properties=[size(8, 8), *order])})) == SRGB


def test_only_the_code_points_of_the_primary_item_count() -> None:
    items = {
        1: Item(kind=b"grid", properties=[size(16, 8), code_points(12, 13)], derived_from=[2, 3]),
        2: Item(kind=b"av01", properties=[size(8, 8), code_points(9, 16)]),
        3: Item(kind=b"av01", properties=[size(8, 8), code_points(9, 16)]),
    }
    assert encoding_in(heif_header(items)).primaries == DISPLAY_P3


@pytest.mark.parametrize("primary", [1, 3], ids=["base", "HDR version"])
def test_an_hdr_picture_with_a_gain_map_is_its_sdr_base(primary: int) -> None:
    items = {
        1: Item(kind=b"av01", properties=[size(64, 48), code_points(12, 13)]),
        2: Item(kind=b"av01", properties=[size(32, 24), code_points(2, 2)]),
        3: Item(kind=b"tmap", properties=[size(60, 40), code_points(9, 16)], derived_from=[1, 2]),
    }
    header = inspect_header(BytesSource(heif_header(items, primary=primary)))
    assert (header.width, header.height, header.frames) == (64, 48, 1)
    assert header.color_encoding.primaries == DISPLAY_P3
    assert header.color_encoding.transfer is TransferFunction.SRGB


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([], SRGB),
        ([ICCP, cicp(12, 13), SRGB_CHUNK, gama(100_000)], with_transfer(TransferFunction.SRGB, primaries=DISPLAY_P3)),
        ([cicp(9, 16, matrix=9), gama(100_000)], gamma_of(1.0)),
        ([chunk(b"cICP", b"\x0c\x0d\0"), gama(100_000)], gamma_of(1.0)),
        ([ICCP, gama(100_000)], SRGB),
        ([SRGB_CHUNK, gama(100_000)], SRGB),
        ([gama(100_000)], gamma_of(1.0)),
        ([gama(55_556)], gamma_of(100_000 / 55_556)),
        ([gama(45_455)], SRGB),
        ([gama(45_455), chrm(*CHROMATICITIES_OF_SRGB)], SRGB),
        ([gama(45_470), chrm(*CHROMATICITIES_OF_ADOBE_RGB)], gamma_of(100_000 / 45_470, primaries=ADOBE_RGB)),
        ([chrm(*CHROMATICITIES_OF_ADOBE_RGB)], SRGB),
        ([gama(0)], SRGB),
        ([gama(1)], SRGB),
        ([gama(0xFFFFFFFF)], SRGB),
        ([gama(100_000), chrm(0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)], gamma_of(1.0)),
        ([gama(100_000), chrm(0.9, 0.05, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)], gamma_of(1.0)),
        ([gama(100_000), chrm(0.3127, 0, 0.64, 0, 0.21, 0, 0.15, 0)], gamma_of(1.0)),
        ([gama(100_000), chunk(b"cHRM", bytes(31))], gamma_of(1.0)),
    ],
    ids=[
        "nothing",
        "code points before all others",
        "code points with a matrix",
        "code points cut off",
        "a profile before gamma",
        "sRGB before gamma",
        "linear light",
        "another gamma",
        "the gamma near sRGB",
        "sRGB in numbers",
        "Adobe RGB in numbers",
        "chromaticities without gamma",
        "gamma 0",
        "a tiny gamma",
        "a huge gamma",
        "grey primaries",
        "white outside of the primaries",
        "no light",
        "chromaticities cut off",
    ],
)
def test_a_png_names_its_encoding(chunks: list[bytes], expected: ColorEncoding) -> None:
    assert encoding_in(png_with(*chunks)) == expected


@given(stored=st.integers(0, 2**32 - 1), numbers=st.lists(st.integers(0, 2**32 - 1), min_size=8, max_size=8))
def test_any_gamma_and_chromaticities_give_an_encoding_that_can_be_computed_with(
    stored: int, numbers: list[int]
) -> None:
    found = encoding_in(png_with(gama(stored), chunk(b"cHRM", struct.pack(">8I", *numbers))))
    assert 0.1 <= found.gamma <= 10
    one = found.primaries
    assert all(0 < y <= 1 for _, y in (one.red, one.green, one.blue, one.white))


def exif_naming(*, color_space: int | None, index: str | None) -> Image.Exif:
    exif = Image.Exif()
    details: dict[int, object] = {}
    if color_space is not None:
        details[0xA001] = color_space
    if index is not None:
        details[0xA005] = {1: index, 2: b"0100"}
    exif[0x8769] = details
    return exif


@pytest.mark.parametrize("image_type", ["JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("color_space", "index", "expected"),
    [
        (0xFFFF, "R03", ADOBE_RGB_1998),
        (2, "R03", ADOBE_RGB_1998),
        (None, "R03", ADOBE_RGB_1998),
        (1, "R03", SRGB),
        (0xFFFF, "R98", SRGB),
        (0xFFFF, None, SRGB),
        (1, "R98", SRGB),
        (None, None, SRGB),
    ],
)
def test_exif_data_names_adobe_rgb(
    image_type: str, color_space: int | None, index: str | None, expected: ColorEncoding
) -> None:
    exif = exif_naming(color_space=color_space, index=index)
    assert encoding_in(encoded(PICTURE, image_type, exif=exif)) == expected


@pytest.mark.parametrize("image_type", ["JPEG", "WEBP"])
def test_a_profile_has_precedence_over_exif_data(image_type: str) -> None:
    exif = exif_naming(color_space=0xFFFF, index="R03")
    assert encoding_in(encoded(PICTURE, image_type, exif=exif, icc_profile=SRGB_PROFILE)) == SRGB


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_exif_data_says_nothing_of_grey_and_inks(mode: str) -> None:
    exif = exif_naming(color_space=0xFFFF, index="R03")
    assert encoding_in(encoded(PICTURE.convert(mode), "JPEG", exif=exif)) == SRGB


def tiff_naming_adobe_rgb(*tags: Tag) -> bytes:
    """Make the header of a TIFF whose EXIF data names Adobe RGB."""
    index = 1000
    details = index + len(directory(text(1, "R03"), at=index))
    pixels = tag(256, LONG, 37), tag(257, LONG, 21), tag(34665, LONG, details)
    named = tag(40961, SHORT, 0xFFFF), tag(40965, LONG, index)
    start = tiff(*pixels, *tags).ljust(index, b"\0")
    return start + directory(text(1, "R03"), at=index) + directory(*named, at=details)


@pytest.mark.parametrize("photometric", [2, 6])
def test_exif_data_in_a_tiff_names_adobe_rgb(photometric: int) -> None:
    assert encoding_in(tiff_naming_adobe_rgb(tag(262, SHORT, photometric))) == ADOBE_RGB_1998


@pytest.mark.parametrize("photometric", [1, 5, 8], ids=["grey", "inks", "Lab"])
def test_exif_data_in_a_tiff_says_nothing_of_other_colors(photometric: int) -> None:
    assert encoding_in(tiff_naming_adobe_rgb(tag(262, SHORT, photometric))) == SRGB


def test_a_profile_in_a_tiff_has_precedence_over_exif_data() -> None:
    assert encoding_in(tiff_naming_adobe_rgb(tag(262, SHORT, 2), tag(34675, BYTE, 1))) == SRGB


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(["JPEG", "WEBP"]),
    st.lists(st.tuples(st.integers(0, 250), st.integers(1, 255)), min_size=1, max_size=6),
)
def test_broken_exif_data_names_adobe_rgb_or_nothing(image_type: str, flips: list[tuple[int, int]]) -> None:
    exif = bytearray(exif_naming(color_space=0xFFFF, index="R03").tobytes())
    for at, value in flips:
        exif[at % (len(exif) - 14) + 14] ^= value
    assert encoding_in(encoded(PICTURE, image_type, exif=bytes(exif))) in (SRGB, ADOBE_RGB_1998)
