"""The clean aperture of an AVIF, for a decoder that cuts to it and for one that does not."""

import struct

import pytest
from tests.unit.heif_files import Item, Property, aperture, heif_header, size

from imagekit.formats.header import Header
from imagekit.formats.heif import read_header
from imagekit.rejection import ImageRejected
from imagekit.source import BytesSource
from safelight_contracts.image_types import ImageType

QUARTER_TURN: Property = (b"irot", b"\1")


def fractional(width: tuple[int, int], height: tuple[int, int]) -> Property:
    return b"clap", struct.pack(">IIIIiIiI", *width, *height, 0, 1, 0, 1)


def header_of(*properties: Property, is_cut: bool) -> Header:
    data = heif_header({1: Item(kind=b"av01", properties=[size(100, 80), *properties])})
    return read_header(BytesSource(data), image_type=ImageType.AVIF, is_cut=is_cut)


def displayed(header: Header) -> tuple[int, int]:
    return header.width, header.height


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (aperture(90, 60), (90, 60)),
        (aperture(90, 60, left=-5, top=10), (90, 60)),
        (aperture(100, 80), (100, 80)),
        (fractional((179, 2), (241, 4)), (90, 60)),
    ],
    ids=["in the middle", "beside the middle", "everything", "half pixels"],
)
def test_an_avif_is_measured_as_its_decoder_cuts_it(cut: Property, expected: tuple[int, int]) -> None:
    assert displayed(header_of(cut, is_cut=True)) == expected
    assert displayed(header_of(cut, is_cut=False)) == (100, 80)


def test_an_avif_is_turned_after_it_is_cut() -> None:
    header = header_of(aperture(90, 60), QUARTER_TURN, is_cut=True)
    assert (displayed(header), header.stored_width, header.stored_height) == ((60, 90), 90, 60)


def test_an_avif_without_an_aperture_is_not_cut() -> None:
    assert displayed(header_of(QUARTER_TURN, is_cut=True)) == (80, 100)


@pytest.mark.parametrize("cut", [fractional((90, 0), (60, 1)), aperture(0, 60), aperture(2, 2)])
def test_an_avif_with_a_broken_or_tiny_aperture_is_unreadable(cut: Property) -> None:
    tall = heif_header({1: Item(kind=b"av01", properties=[size(8000, 8000), cut])})
    with pytest.raises(ImageRejected):
        read_header(BytesSource(tall), image_type=ImageType.AVIF, is_cut=True)
