from contextlib import suppress

import pytest
from tests.unit.pictures import encoded, four_corners
from tests.unit.robustness.hostile import jpeg_of_more_scans

from imagekit.formats.jpeg_scans import MAX_SCANS, validate_scans
from imagekit.rejection import ImageRejected

SCANS_OF_A_PROGRESSIVE_JPEG = 10


def test_a_photograph_has_few_scans() -> None:
    for options in ({}, {"progressive": True}, {"progressive": True, "subsampling": "4:4:4"}):
        validate_scans(encoded(four_corners(90, 90), "JPEG", **options))


def test_as_many_scans_as_allowed_pass_and_one_more_is_unreadable() -> None:
    more = MAX_SCANS - SCANS_OF_A_PROGRESSIVE_JPEG
    validate_scans(jpeg_of_more_scans(more, side=16))
    with pytest.raises(ImageRejected):
        validate_scans(jpeg_of_more_scans(more + 1, side=16))


def test_a_scan_with_a_padded_marker_counts() -> None:
    filled = jpeg_of_more_scans(MAX_SCANS, side=16).replace(b"\xff\xda", b"\xff\xff\xff\xda")
    with pytest.raises(ImageRejected):
        validate_scans(filled)


def test_data_after_the_end_is_ignored() -> None:
    validate_scans(jpeg_of_more_scans(0) + b"\xff\xda\0\2" * 1000)


def test_a_preview_in_the_metadata_is_ignored() -> None:
    preview = b"\xff\xda\0\2" * 1000
    data = encoded(four_corners(90, 90), "JPEG", progressive=True)
    validate_scans(data[:2] + b"\xff\xe1" + (2 + len(preview)).to_bytes(2) + preview + data[2:])


def test_a_single_scan_jpeg_is_read_up_to_its_scan() -> None:
    validate_scans(encoded(four_corners(90, 90), "JPEG")[:-2] + b"\xff\xda\0\2" * 1000)


@pytest.mark.parametrize("cut", range(0, 800, 7))
def test_a_jpeg_that_ends_anywhere_is_searched(cut: int) -> None:
    with suppress(ImageRejected):
        validate_scans(encoded(four_corners(90, 90), "JPEG", progressive=True)[:cut])
