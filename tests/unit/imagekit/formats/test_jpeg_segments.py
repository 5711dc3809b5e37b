"""JPEG headers that are not as the specification has them, which decoders read all the same."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pictures import encoded, exif, four_corners

from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.formats.jpeg_scans import validate_scans
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import BytesSource
from safelight_contracts.limits import Limits

PICTURE = four_corners(64, 48)
PLAIN = encoded(PICTURE, "JPEG", exif=exif(orientation=6), comment=b"a few words")
PROGRESSIVE = encoded(PICTURE, "JPEG", progressive=True)
FRAME, COMMENT = PLAIN.index(b"\xff\xc0"), PLAIN.index(b"\xff\xfe")


def segment_starts(data: bytes) -> list[int]:
    starts = [2]
    while data[starts[-1] + 1] != 0xDA:
        starts.append(starts[-1] + 2 + int.from_bytes(data[starts[-1] + 2 : starts[-1] + 4]))
    return starts


STARTS = segment_starts(PLAIN)


def header_of(data: bytes) -> Header:
    return inspect_header(BytesSource(data))


def inserted(extra: bytes, *, at: int) -> bytes:
    return PLAIN[:at] + extra + PLAIN[at:]


def facts(header: Header) -> tuple[int, int, int]:
    return header.stored_width, header.stored_height, header.orientation


def size_by_libjpeg(data: bytes) -> tuple[int, int] | None:
    """Decode with another program that uses libjpeg, as the pixels are stored."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    return None if picture is None else (picture.shape[1], picture.shape[0])


@pytest.mark.parametrize("at", STARTS[1:])
@pytest.mark.parametrize(
    "stray", [b"??", b"\0" * 20_000, b"\xff\0", b"\xff" * 100, b"\xff\xff\0?", b"\xff\xd0", b"\xff\x01"]
)
def test_stray_bytes_between_segments_are_skipped(at: int, stray: bytes) -> None:
    data = inserted(stray, at=at)
    assert facts(header_of(data)) == facts(header_of(PLAIN))
    assert size_by_libjpeg(data) == (64, 48)
    validate_scans(data)


@pytest.mark.parametrize("stray", [b"?", b"\xff\0", b"\xff\xd0", b"\xff\x01"])
def test_a_jpeg_with_stray_bytes_is_not_given_to_other_decoders(stray: bytes) -> None:
    plain = encoded(PICTURE, "JPEG")
    at = plain.index(b"\xff\xdb")
    assert header_of(plain).is_srgb
    assert not header_of(plain[:at] + stray + plain[at:]).is_srgb


@pytest.mark.parametrize("length", [0, 1, 2, 5, 12])
def test_a_segment_that_is_longer_than_it_says_is_skipped_up_to_the_next_marker(length: int) -> None:
    data = PLAIN[: COMMENT + 2] + struct.pack(">H", length) + PLAIN[COMMENT + 4 :]
    assert facts(header_of(data)) == (64, 48, 6)
    assert not header_of(data).is_srgb


def test_a_segment_that_says_more_than_it_has_hides_what_follows_as_in_libjpeg() -> None:
    small = PLAIN[FRAME : FRAME + 5] + struct.pack(">HH", 8, 8) + PLAIN[FRAME + 9 : FRAME + 19]
    data = inserted(struct.pack(">BBH", 0xFF, 0xFE, 2 + len(small)) + small, at=STARTS[-1])
    assert facts(header_of(data)) == (64, 48, 6)
    assert size_by_libjpeg(data) == (64, 48)


@pytest.mark.parametrize("marker", [0x02, 0xBF, 0xD8, 0xD9, 0xDE, 0xF0, 0xFD])
def test_a_marker_that_libjpeg_rejects_makes_a_header_unreadable(marker: int) -> None:
    data = inserted(bytes([0xFF, marker]) + b"\0\2", at=FRAME)
    assert size_by_libjpeg(data) is None
    with pytest.raises(ImageRejected) as rejection:
        header_of(data)
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_jpeg_ls_is_an_unsupported_type() -> None:
    with pytest.raises(ImageRejected) as rejection:
        header_of(PLAIN[:FRAME] + b"\xff\xf7" + PLAIN[FRAME + 2 :])
    assert (rejection.value.reason, rejection.value.detail) == (ImageFault.UNSUPPORTED_TYPE, {"type": "JPEG-LS"})


def test_more_than_a_megabyte_of_stray_bytes_is_unreadable() -> None:
    assert facts(header_of(inserted(bytes(1_000_000), at=FRAME))) == (64, 48, 6)
    for many in (inserted(bytes(1_100_000), at=FRAME), PLAIN[:2] + (b"\xff\xe2\0\2" + bytes(2_000)) * 600 + PLAIN[2:]):
        with pytest.raises(ImageRejected):
            header_of(many)


@pytest.mark.parametrize("data", [PLAIN, PROGRESSIVE], ids=["baseline", "progressive"])
def test_a_jpeg_without_an_end_marker_passes(data: bytes) -> None:
    assert data.endswith(b"\xff\xd9")
    assert inspect(data[:-2], limits=Limits()) == inspect(data, limits=Limits())
    validate_scans(data[:-2])


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from([PLAIN, PROGRESSIVE]),
    st.lists(
        st.tuples(
            st.integers(2, STARTS[-1]),
            st.integers(0, 4),
            st.one_of(
                st.binary(max_size=6), st.sampled_from([b"\xff", b"\xff\xc0", b"\xff\xc2\0\x11\x08\0\x10\0\x10"])
            ),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_a_header_never_says_another_size_than_libjpeg_decodes(
    data: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    for at, removed, content in edits:
        data = data[:at] + content + data[at + removed :]
    decoded = size_by_libjpeg(data)
    try:
        header = header_of(data)
    except ImageRejected:
        assert decoded is None
        return
    assert decoded in (None, (header.stored_width, header.stored_height))
