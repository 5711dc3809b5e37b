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
_TEXTS = {
    "QUISTGAARD LEONORA": (10, 8),
    "ZK-448812": (270, 10),
    "04.12.1961 F": (10, 350),
    "General Hospital": (240, 352),
}
_MARKER = (210, 40)


@pytest.fixture(scope="module", autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    worker.close()


def _body() -> npt.NDArray[np.uint16]:
    rows, columns = np.mgrid[:_SIDE, :_SIDE] - _SIDE / 2
    noise = np.random.default_rng(4).normal(0, 20, (_SIDE, _SIDE))
    body = 900 * np.exp(-(rows**2 + columns**2) / (2 * (_SIDE / 5) ** 2)) + noise + 100
    return np.asarray(body.clip(0, 4095), dtype=np.uint16)


def _annotated(*, size: int, level: int) -> npt.NDArray[np.uint16]:
    text = Image.new("L", (_SIDE, _SIDE))
    draw, font = ImageDraw.Draw(text), ImageFont.load_default(size)
    for line, place in _TEXTS.items():
        draw.text(place, line, fill=255, font=font)
    draw.text(_MARKER, "L", fill=255, font=ImageFont.load_default(20))
    return np.asarray(np.where(np.asarray(text) > 127, level, _body()), dtype=np.uint16)


@pytest.mark.parametrize(("size", "level"), [(11, 4095), (14, 1400)])
def test_all_lines_are_filled_and_the_side_marker_stays(size: int, level: int) -> None:
    picture = _annotated(size=size, level=level)
    dataset = ct(Rows=_SIDE, Columns=_SIDE, BitsStored=12, HighBit=11, PixelData=picture.astype("<u2").tobytes())
    clean = deidentify_in_sandbox(file_of(dataset), pseudonyms=PSEUDONYMS, dates=Dates.EMPTY, reader=_READER)
    shown = read(clean.data).pixel_array
    left = np.argwhere((shown == level) & (picture == level))
    assert len(left) > 20
    assert ((left[:, 1] > _MARKER[0] - 5) & (left[:, 1] < _MARKER[0] + 25) & (left[:, 0] < 70)).all()
    middle = np.s_[75:320, 40:340]
    assert (shown[middle] == picture[middle]).all()


def test_nothing_is_found_in_a_picture_without_text() -> None:
    body = _body()
    found = find_text((body / body.max() * 255).astype(np.uint8))
    assert [line.text for line in found if line.score >= 0.5 or line.likelihood >= 0.7] == []


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
