"""The reader of text finds what scanners write into pictures."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, ct, file_of, read

from dicomkit.reading import find_text
from dicomkit.sandbox import deidentify_in_sandbox, worker
from safelight_contracts.redaction.dicom import Dates

_SIDE = 384
_READER = "dicomkit.reading:find_text"
_SMALL, _LARGE = 11, 14
_BRIGHT, _FAINT = 4095, 1400
# Text, place, size and level. The marker has a level of its own.
_LINES = (
    ("QUISTGAARD LEONORA", (10, 6), _SMALL, _BRIGHT),
    ("QUISTGAARD LEONORA", (10, 24), _LARGE, _FAINT),
    ("ZK-448812", (290, 6), _SMALL, _BRIGHT),
    ("ZK-448812", (270, 24), _LARGE, _FAINT),
    ("04.12.1961 F", (10, 340), _SMALL, _BRIGHT),
    ("04.12.1961 F", (10, 358), _LARGE, _FAINT),
    ("General Hospital", (270, 340), _SMALL, _BRIGHT),
    ("General Hospital", (240, 358), _LARGE, _FAINT),
)
_MARKER, _MARKER_LEVEL = (210, 46), 4000


@pytest.fixture(scope="module", autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    worker.close()


def _body() -> npt.NDArray[np.uint16]:
    rows, columns = np.mgrid[:_SIDE, :_SIDE] - _SIDE / 2
    noise = np.random.default_rng(4).normal(0, 20, (_SIDE, _SIDE))
    body = 900 * np.exp(-(rows**2 + columns**2) / (2 * (_SIDE / 5) ** 2)) + noise + 100
    return np.asarray(body.clip(0, 4095), dtype=np.uint16)


def _annotated() -> npt.NDArray[np.uint16]:
    picture = _body()
    marker = ("L", _MARKER, 20, _MARKER_LEVEL)
    for text, place, size, level in (*_LINES, marker):
        line = Image.new("L", (_SIDE, _SIDE))
        ImageDraw.Draw(line).text(place, text, fill=255, font=ImageFont.load_default(size))
        picture[np.asarray(line) > 127] = level
    return picture


def test_all_lines_are_filled_and_the_side_marker_stays() -> None:
    picture = _annotated()
    dataset = ct(Rows=_SIDE, Columns=_SIDE, BitsStored=12, HighBit=11, PixelData=picture.astype("<u2").tobytes())
    clean = deidentify_in_sandbox(file_of(dataset), pseudonyms=PSEUDONYMS, dates=Dates.EMPTY, reader=_READER)
    shown = read(clean.data).pixel_array
    for level in (_BRIGHT, _FAINT):
        assert (picture == level).sum() > 200
        assert not ((shown == level) & (picture == level)).any()
    assert (shown[picture == _MARKER_LEVEL] == _MARKER_LEVEL).all()
    middle = np.s_[80:320, 40:340]
    assert (shown[middle] == picture[middle]).all()


def test_nothing_is_found_in_a_picture_without_text() -> None:
    body = _body()
    assert find_text((body / body.max() * 255).astype(np.uint8)) == []


def test_a_line_that_runs_upwards_is_read() -> None:
    line = Image.new("L", (170, 20))
    ImageDraw.Draw(line).text((2, 2), "QUISTGAARD 1961", fill=255, font=ImageFont.load_default(14))
    picture = Image.new("L", (_SIDE, _SIDE))
    picture.paste(line.rotate(90, expand=True), (30, 100))
    assert [found.text for found in find_text(np.asarray(picture))] == ["QUISTGAARD 1961"]


@pytest.mark.parametrize("angle", [20, 135])
def test_a_line_in_any_direction_is_read(angle: int) -> None:
    line = Image.new("L", (_SIDE, _SIDE))
    ImageDraw.Draw(line).text((80, 180), "QUISTGAARD 1961", fill=255, font=ImageFont.load_default(20))
    (found,) = find_text(np.asarray(line.rotate(angle)))
    assert found.text.startswith("QUIST")
    assert found.text.endswith("1961")


def test_small_letters_in_a_large_picture_are_read() -> None:
    picture = Image.new("L", (3000, 200))
    ImageDraw.Draw(picture).text((1250, 90), "QUISTGAARD 1961", fill=255, font=ImageFont.load_default(11))
    assert "QUISTGAARD 1961" in [found.text for found in find_text(np.asarray(picture))]


@pytest.mark.parametrize("sides", [(1, 1), (3, 4000), (2000, 2)])
def test_pictures_of_any_size_are_read(sides: tuple[int, int]) -> None:
    assert find_text(np.zeros(sides, dtype=np.uint8)) == []
