"""BigTIFF: the same structure with offsets and counts of eight bytes."""

import struct
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pictures import ORIENTATIONS, encoded, exif, four_corners, photograph

from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.metadata.ifd import ifd_offsets, read_ifd
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import MAX_FETCHED_BYTES, MAX_FETCHES, BytesSource, FetchedSource
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

PICTURE = four_corners(37, 21)
BIG = encoded(PICTURE, "TIFF", big_tiff=True, exif=exif(orientation=6))
LONG8 = 16


def header_of(data: bytes) -> Header:
    return inspect_header(BytesSource(data))


def big_tiff(*tags: tuple[int, int, int, int], order: str = "<", next_ifd: int = 0) -> bytes:
    """Make a BigTIFF of one directory: number, type, count and value of each tag."""
    layouts = {1: "B7x", 3: "H6x", 4: "I4x", LONG8: "Q"}
    entries = b"".join(
        struct.pack(f"{order}HHQ{layouts[kind]}", number, kind, count, value) for number, kind, count, value in tags
    )
    start = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HHHQ", 43, 8, 0, 16)
    return start + struct.pack(f"{order}Q", len(tags)) + entries + struct.pack(f"{order}Q", next_ifd)


PIXELS = ((256, 4, 1, 37), (257, 3, 1, 21))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_big_tiff_is_read_like_a_classic_one(orientation: int) -> None:
    classic = photograph(width=37, height=21, orientation=orientation, image_type="TIFF")
    with BytesIO(classic) as file, tifffile.TiffFile(file) as read:
        pixels = read.asarray()
    written = BytesIO()
    tags = [(274, 3, 1, orientation, True)]
    tifffile.imwrite(written, pixels, bigtiff=True, photometric="rgb", extratags=tags)
    header = header_of(written.getvalue())
    assert written.getvalue().startswith(b"II+\0")
    assert (header.type, header.width, header.height, header.orientation) == (ImageType.TIFF, 37, 21, orientation)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4, LONG8])
def test_numbers_of_each_type_and_byte_order_are_read(order: str, kind: int) -> None:
    header = header_of(big_tiff((256, kind, 1, 370), (257, kind, 1, 210), order=order))
    assert (header.width, header.height, header.frames) == (370, 210, 1)


def test_the_pages_of_a_big_tiff_are_counted() -> None:
    written = BytesIO()
    tifffile.imwrite(written, np.zeros((3, 21, 37), np.uint8), bigtiff=True, photometric="minisblack")
    assert header_of(written.getvalue()).frames is None
    assert inspect(written.getvalue(), limits=Limits()).frames == 3


def test_exif_data_in_a_big_tiff_is_read() -> None:
    camera = b"ACME CAMERA\0"
    tags = [(271, 2, len(camera), camera, True)]
    written = BytesIO()
    tifffile.imwrite(written, np.asarray(PICTURE), bigtiff=True, photometric="rgb", extratags=tags)
    found = header_of(written.getvalue()).photo_metadata
    assert found is not None
    assert found.camera == "ACME CAMERA"


def test_values_of_eight_bytes_are_stored_in_the_directory() -> None:
    entry = struct.pack("<HHQ4H", 258, 3, 4, 16, 16, 16, 8)
    data = big_tiff(*PIXELS)
    data = data[:16] + struct.pack("<Q", 3) + data[24:-8] + entry + bytes(8)
    assert read_ifd(BytesSource(data)).numbers(258, limit=9) == [16, 16, 16, 8]


def test_camera_raw_in_a_big_tiff_is_an_unsupported_type() -> None:
    for tags in [(50706, 1, 4, 1), (262, 3, 1, 32803), (254, 4, 1, 1)]:
        with pytest.raises(ImageRejected) as rejection:
            header_of(big_tiff(*PIXELS, tags))
        assert rejection.value.reason is ImageFault.UNSUPPORTED_TYPE


@pytest.mark.parametrize(
    "data",
    [
        b"II+\0\x08\0\0\0",
        b"II+\0\x04\0\0\0" + BIG[8:],
        b"II+\0\x08\0\1\0" + BIG[8:],
        BIG[:8] + b"\xff" * 8 + BIG[16:],
        BIG[:8] + struct.pack("<Q", len(BIG) - 4) + BIG[16:],
        big_tiff(*PIXELS)[:16] + b"\xff" * 8 + big_tiff(*PIXELS)[24:],
        big_tiff(*PIXELS)[:16] + struct.pack("<Q", 5000) + bytes(200_000),
    ],
    ids=["cut off", "offsets of 4 bytes", "no zeros", "far", "at the end", "endless entries", "too many entries"],
)
def test_a_broken_big_tiff_is_unreadable(data: bytes) -> None:
    with pytest.raises(ImageRejected) as rejection:
        header_of(data)
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_a_circular_chain_of_pages_ends() -> None:
    assert list(ifd_offsets(BytesSource(big_tiff(*PIXELS, next_ifd=16)))) == [16]
    assert list(ifd_offsets(BytesSource(big_tiff(*PIXELS, next_ifd=2**64 - 1)))) == [16]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BIG) - 1), st.integers(1, 255)), min_size=1, max_size=8))
def test_a_broken_big_tiff_takes_few_requests_and_gives_a_header_or_a_rejection(flips: list[tuple[int, int]]) -> None:
    data = bytearray(BIG)
    for at, value in flips:
        data[at] ^= value
    source = FetchedSource(lambda offset, length: bytes(data[offset : offset + length]), size=len(data))
    with suppress(ImageRejected):
        inspect_header(source)
    with suppress(ImageRejected):
        inspect(bytes(data), limits=Limits())
    assert source.fetches <= MAX_FETCHES
    assert source.fetched_bytes <= MAX_FETCHED_BYTES
