"""The clean aperture of an AVIF, for a decoder that cuts to it and for one that does not."""

import struct

import pytest
from tests.unit.heif_files import Item, Property, aperture, heif_header, size

from imagekit.decoding.limits import validate_header
from imagekit.formats.header import Aperture, Header
from imagekit.formats.heif import read_header
from imagekit.geometry import Size
from imagekit.rejection import ImageRejected
from imagekit.source import BytesSource
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

QUARTER_TURN: Property = (b"irot", b"\1")


def fractional(width: tuple[int, int], height: tuple[int, int]) -> Property:
    return b"clap", struct.pack(">IIIIiIiI", *width, *height, 0, 1, 0, 1)


def header_of(*properties: Property, is_cut: bool) -> Header:
    data = heif_header({1: Item(kind=b"av01", properties=[size(100, 80), *properties])})
    return read_header(BytesSource(data), image_type=ImageType.AVIF, is_cut=is_cut)


def displayed(header: Header) -> tuple[int, int]:
    return header.width, header.height


@pytest.mark.parametrize("is_cut", [True, False])
@pytest.mark.parametrize(
    ("cut", "expected", "place"),
    [
        (aperture(90, 60), (90, 60), (5, 10)),
        (aperture(90, 60, left=-5, top=10), (90, 60), (0, 20)),
        (aperture(100, 80), (100, 80), (0, 0)),
        (fractional((180, 2), (240, 4)), (90, 60), (5, 10)),
    ],
    ids=["in the middle", "beside the middle", "everything", "fractions"],
)
def test_an_avif_is_measured_as_it_is_cut(
    cut: Property, expected: tuple[int, int], place: tuple[int, int], *, is_cut: bool
) -> None:
    header = header_of(cut, is_cut=is_cut)
    assert displayed(header) == expected
    if is_cut:
        assert header.aperture is None
    else:
        assert header.aperture == Aperture(left=place[0], top=place[1], coded=Size(width=100, height=80))


def test_libheif_rounds_an_aperture_of_half_pixels() -> None:
    assert displayed(header_of(fractional((179, 2), (241, 4)), is_cut=True)) == (90, 60)


INVALID = {
    "half pixels": fractional((179, 2), (60, 1)),
    "half a pixel from the edge": aperture(91, 60),
    "beyond the left edge": aperture(90, 60, left=-6),
    "beyond the lower edge": aperture(90, 60, top=11),
    "too wide": aperture(102, 60),
    "no width": aperture(0, 60),
    "no number": fractional((90, 0), (60, 1)),
    "negative": aperture(2**32 - 90, 60),
    "cut short": (b"clap", bytes(31)),
}


@pytest.mark.parametrize("cut", INVALID.values(), ids=INVALID)
def test_an_invalid_aperture_of_an_avif_is_ignored(cut: Property) -> None:
    header = header_of(cut, is_cut=False)
    assert (displayed(header), header.aperture) == ((100, 80), None)


def test_the_pixels_that_an_aperture_hides_count_for_the_limits() -> None:
    header = header_of(aperture(10, 10), is_cut=False)
    validate_header(header, size=1000, limits=Limits(max_pixels=8000))
    with pytest.raises(ImageRejected) as rejection:
        validate_header(header, size=1000, limits=Limits(max_pixels=7999))
    assert rejection.value.detail == {"width": 100, "height": 80, "maxPixels": 7999, "type": "AVIF"}


def test_an_avif_is_turned_after_it_is_cut() -> None:
    header = header_of(aperture(90, 60), QUARTER_TURN, is_cut=True)
    assert (displayed(header), header.stored_width, header.stored_height) == ((60, 90), 90, 60)


def test_an_avif_without_an_aperture_is_not_cut() -> None:
    assert displayed(header_of(QUARTER_TURN, is_cut=True)) == (80, 100)


@pytest.mark.parametrize("cut", [fractional((90, 0), (60, 1)), aperture(0, 60), aperture(2, 2)])
def test_a_broken_or_tiny_aperture_is_unreadable_for_libheif(cut: Property) -> None:
    tall = heif_header({1: Item(kind=b"av01", properties=[size(8000, 8000), cut])})
    with pytest.raises(ImageRejected):
        read_header(BytesSource(tall), image_type=ImageType.AVIF, is_cut=True)
