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


def test_a_scan_whose_marker_is_filled_up_counts() -> None:
    filled = jpeg_of_more_scans(MAX_SCANS, side=16).replace(b"\xff\xda", b"\xff\xff\xff\xda")
    with pytest.raises(ImageRejected):
        validate_scans(filled)


def test_what_stands_behind_the_end_is_left_out_of_account() -> None:
    validate_scans(jpeg_of_more_scans(0) + b"\xff\xda\0\2" * 1000)


def test_a_preview_within_the_metadata_is_left_out_of_account() -> None:
    preview = b"\xff\xda\0\2" * 1000
    data = encoded(four_corners(90, 90), "JPEG", progressive=True)
    validate_scans(data[:2] + b"\xff\xe1" + (2 + len(preview)).to_bytes(2) + preview + data[2:])


def test_of_a_jpeg_that_is_whole_after_one_scan_no_more_is_read() -> None:
    validate_scans(encoded(four_corners(90, 90), "JPEG")[:-2] + b"\xff\xda\0\2" * 1000)


@pytest.mark.parametrize("cut", range(0, 800, 7))
def test_a_jpeg_that_ends_anywhere_is_looked_through(cut: int) -> None:
    with suppress(ImageRejected):
        validate_scans(encoded(four_corners(90, 90), "JPEG", progressive=True)[:cut])
