"""Fax pages in TIFF (CCITT groups 3 and 4, ITU-T T.4 and T.6): damaged lines are shown, missing ones are not."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from tests.unit.imagekit.decoding.test_good_files import picture_of
from tests.unit.imagekit.formats.test_sensor_data import is_unreadable
from tests.unit.pictures import encoded

from imagekit.rejection import ImageRejected

GROUPS = ["group3", "group4"]
PAGE = np.kron(np.random.default_rng(1).integers(0, 2, (40, 25)), np.ones((5, 8))).astype(bool)
STRIP_OFFSETS, STRIP_BYTES = 273, 279


def fax(group: str) -> tuple[bytearray, int, int]:
    """Make a fax page of one strip, with the start and the end of its lines in the file."""
    data = encoded(Image.fromarray(PAGE), "TIFF", compression=group)
    with Image.open(BytesIO(data)) as opened:
        tags = opened.tag_v2  # type: ignore[attr-defined]
        (start,), (length,) = tags[STRIP_OFFSETS], tags[STRIP_BYTES]
    return bytearray(data), start, start + length


def white_pixels(data: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return picture_of(data) > 127


@pytest.mark.parametrize("group", GROUPS)
def test_a_fax_page_is_shown(group: str) -> None:
    data, _, _ = fax(group)
    assert np.array_equal(white_pixels(bytes(data)), PAGE)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("part", [0.02, 0.5, 0.95])
def test_a_fax_page_whose_lines_end_early_is_unreadable(group: str, part: float) -> None:
    data, start, end = fax(group)
    cut = start + int((end - start) * part)
    data[cut:end] = bytes(end - cut)
    assert is_unreadable(lambda: picture_of(bytes(data)))


def damaged_lines(data: bytes) -> int | None:
    """Count the lines that are not as they were. None: the page is unreadable."""
    try:
        return int((white_pixels(data) != PAGE).any(axis=1).sum())
    except ImageRejected:
        return None


def test_a_fax_page_with_a_damaged_line_is_shown() -> None:
    data, start, end = fax("group3")
    # Some bits can be changed so that a line becomes longer or shorter without losing the next.
    pages = (bytes(data[:at]) + bytes([data[at] ^ 1]) + bytes(data[at + 1 :]) for at in range(start, end))
    assert any(damaged_lines(page) == 1 for page in pages)


def test_a_missing_line_of_one_fax_does_not_reject_the_next() -> None:
    data, start, end = fax("group3")
    cut = data[:]
    cut[(start + end) // 2 : end] = bytes(end - (start + end) // 2)
    assert is_unreadable(lambda: picture_of(bytes(cut)))
    assert picture_of(bytes(data)).shape == PAGE.shape
