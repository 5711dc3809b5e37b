"""Images that name the encoding of their colours without an ICC profile."""

import struct

import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image
from tests.unit.imagekit.decoding.test_missing_pixels import chunk
from tests.unit.pictures import encoded

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.decoding.srgb_conversion import in_srgb
from imagekit.metadata.color_encoding import BT709, SRGB, ColorEncoding, Primaries, TransferFunction
from safelight_contracts.limits import Limits

RED = (200, 60, 60)
# What ICC engines make of it by a profile of the same colours.
DISPLAY_P3_RED, ADOBE_RGB_RED = (217, 42, 52), (232, 57, 57)
WHITE = (255, 255, 255)
BT2020 = Primaries(red=(0.708, 0.292), green=(0.170, 0.797), blue=(0.131, 0.046))


def shown(data: bytes) -> tuple[int, ...]:
    picture = decode(data, header=inspect(data, limits=Limits())).upright_picture().convert("RGB")
    color = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(color, tuple)
    return color


def png(color: tuple[int, int, int], *, mode: str = "RGB", kind: bytes, content: bytes) -> bytes:
    data = encoded(Image.new("RGB", (32, 32), color).convert(mode), "PNG")
    return data[:33] + chunk(kind, content) + data[33:]


def cicp(primaries: int, transfer: int) -> bytes:
    return bytes([primaries, transfer, 0, 1])


def test_a_png_in_display_p3_is_converted() -> None:
    assert shown(png(RED, kind=b"cICP", content=cicp(12, 13))) == pytest.approx(DISPLAY_P3_RED, abs=2)


def test_an_avif_in_display_p3_is_converted() -> None:
    data = encoded(Image.new("RGB", (32, 32), RED), "AVIF", quality=95)
    at = data.index(b"nclx") + 4
    marked = data[:at] + struct.pack(">HH", 12, 13) + data[at + 4 :]
    assert shown(marked) == pytest.approx(DISPLAY_P3_RED, abs=4)


def test_a_jpeg_that_is_adobe_rgb_by_its_exif_data_is_converted() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ColorSpace] = 65_535
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop] = {ExifTags.Interop.InteropIndex: "R03"}
    data = encoded(Image.new("RGB", (32, 32), RED), "JPEG", quality=95, exif=exif)
    assert shown(data) == pytest.approx(ADOBE_RGB_RED, abs=3)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_linear_light_by_gamma_is_converted(mode: str) -> None:
    data = png((55, 55, 55), mode=mode, kind=b"gAMA", content=struct.pack(">I", 100_000))
    assert shown(data) == pytest.approx((128, 128, 128), abs=1)


# In 8 bits: 202 of the 203 cd/m2 of reference white by PQ, and 75 % of HLG, which is reference white too.
@pytest.mark.parametrize(("transfer", "value"), [(16, 148), (18, 191)], ids=["PQ", "HLG"])
def test_the_reference_white_of_hdr_is_white(transfer: int, value: int) -> None:
    data = png((value, value, value), kind=b"cICP", content=cicp(9, transfer))
    assert shown(data) == pytest.approx(WHITE, abs=2)


@pytest.mark.parametrize("transfer", [16, 18], ids=["PQ", "HLG"])
def test_hdr_that_is_brighter_than_reference_white_is_white(transfer: int) -> None:
    assert shown(png(WHITE, kind=b"cICP", content=cicp(9, transfer))) == WHITE


@pytest.mark.parametrize("transfer", [16, 18], ids=["PQ", "HLG"])
def test_hdr_black_is_black(transfer: int) -> None:
    assert shown(png((0, 0, 0), kind=b"cICP", content=cicp(9, transfer))) == (0, 0, 0)


def converted(color: tuple[int, int, int], *, encoding: ColorEncoding) -> tuple[int, ...]:
    image = (pyvips.Image.black(1, 1, bands=3) + list(color)).cast("uchar").copy(interpretation="srgb")
    pixel = in_srgb(image, encoding=encoding)(0, 0)
    return tuple(int(value) for value in pixel)


COLORS = st.tuples(*[st.integers(0, 255)] * 3)


@given(COLORS)
def test_the_gamma_and_primaries_of_srgb_change_nothing(color: tuple[int, int, int]) -> None:
    named = ColorEncoding(primaries=Primaries(**vars(BT709)), transfer=TransferFunction.SRGB)
    assert named == SRGB
    assert converted(color, encoding=named) == color


@given(
    value=st.integers(0, 255),
    primaries=st.sampled_from([BT2020, Primaries(red=(0.68, 0.32), green=(0.265, 0.69), blue=(0.15, 0.06))]),
    white=st.sampled_from([(0.3127, 0.3290), (0.3457, 0.3585), (0.314, 0.351), (1 / 3, 1 / 3)]),
)
def test_grey_stays_grey_whatever_the_primaries_and_their_white(
    value: int, primaries: Primaries, white: tuple[float, float]
) -> None:
    encoding = ColorEncoding(
        primaries=Primaries(red=primaries.red, green=primaries.green, blue=primaries.blue, white=white),
        transfer=TransferFunction.SRGB,
    )
    assert converted((value, value, value), encoding=encoding) == pytest.approx((value, value, value), abs=1)


@given(color=COLORS, gamma=st.floats(1.0, 3.0))
def test_brighter_numbers_are_never_shown_darker(color: tuple[int, int, int], gamma: float) -> None:
    encoding = ColorEncoding(primaries=BT709, transfer=TransferFunction.GAMMA, gamma=gamma)
    brighter = (min(255, color[0] + 1), color[1], color[2])
    assert converted(brighter, encoding=encoding)[0] >= converted(color, encoding=encoding)[0]
