"""Read text in a picture with PP-OCR, inside this process: no pixel leaves it.

The models are loaded when the module is imported, so that a worker does it once for all files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from dicomkit.burned_in import FoundText
from dicomkit.text_models import DETECTION, RECOGNITION, metadata, network, read_model

# Small letters are enlarged, as PP-OCR does by default.
_SHORTEST_SIDE = 736
# A larger picture is looked at as a whole, and in tiles at its full size. A line of letters that are higher than the
# overlap is found in the whole. Larger tiles need too much memory.
_TILE, _OVERLAP = 1024, 192
_STRIDE = 32
# PP-OCR's values, but for the score of a line, which is 0.5: the caller judges what is hardly text.
_MIN_PIXEL, _MIN_LINE, _MIN_SIDE = 0.3, 0.3, 3
_UNCLIP = 1.6
_LINE_HEIGHT, _MAX_LINE_WIDTH = 48, 3200
# Lines that are less than this much wider than high can have any direction.
_LONG = 1.5
# From this score on, a line is not turned to be read better: signs that are upside down are read too, less surely.
_WELL_READ = 0.9

_Grey = npt.NDArray[np.uint8]
_Corners = npt.NDArray[np.float32]

_recognition = read_model(RECOGNITION)
_lines, _letters = network(read_model(DETECTION)), network(_recognition)
# Number 0 means no character, and the last one is the space.
_CHARACTERS = ["", *metadata(_recognition, key="character").split("\n"), " "]


@dataclass(frozen=True, kw_only=True)
class _Line:
    # Corners of a rectangle, clockwise from the upper left.
    corners: _Corners
    likelihood: float


def find_text(picture: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
    """Find the lines of text in a grey picture, rows x columns. The score is the mean of the letters'."""
    return [_read(picture, line=line) for line in _lines_of(picture)]


def _lines_of(picture: _Grey) -> Iterator[_Line]:
    rows, columns = picture.shape
    yield from _find_lines(picture, left=0, top=0)
    if max(rows, columns) > _TILE:
        for top in _starts(rows):
            for left in _starts(columns):
                yield from _find_lines(picture[top : top + _TILE, left : left + _TILE], left=left, top=top)


def _starts(length: int) -> list[int]:
    return [*range(0, max(1, length - _OVERLAP), _TILE - _OVERLAP)]


def _find_lines(picture: _Grey, *, left: int, top: int) -> Iterator[_Line]:
    rows, columns = picture.shape
    scale = max(1.0, _SHORTEST_SIDE / min(rows, columns))
    scale = min(scale, _TILE / max(rows, columns))
    height, width = (max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in (rows, columns))
    _lines.setInput(
        _normal(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))
    )
    likely = np.asarray(_lines.forward())[0, 0]
    text = cv2.dilate((likely > _MIN_PIXEL).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(text, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    to_picture = np.array([columns / width, rows / height], dtype=np.float32)
    for contour in map(np.asarray, contours):
        centre, (wide, high), angle = cv2.minAreaRect(contour)
        if min(wide, high) < _MIN_SIDE - 1:
            continue
        likelihood = _mean(likely, inside=contour)
        if likelihood < _MIN_LINE:
            continue
        # The network finds the middle of a line. PP-OCR grows it by area x ratio / circumference.
        grown = wide * high * _UNCLIP / (wide + high)
        corners = cv2.boxPoints((centre, (wide + grown, high + grown), angle)) * to_picture
        yield _Line(corners=_from_upper_left(corners) + np.array([left, top], np.float32), likelihood=likelihood)


def _mean(likely: npt.NDArray[np.float32], *, inside: npt.NDArray[np.integer[Any] | np.floating[Any]]) -> float:
    left, top, wide, high = cv2.boundingRect(inside)
    mask = np.zeros((high, wide), np.uint8)
    cv2.drawContours(mask, [inside - np.array([left, top], inside.dtype)], -1, 1, cv2.FILLED)
    return float(likely[top : top + high, left : left + wide][mask > 0].mean())


def _from_upper_left(corners: _Corners) -> _Corners:
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)


def _read(picture: _Grey, *, line: _Line) -> FoundText:
    wide, high = (max(1, int(np.linalg.norm(line.corners[end] - line.corners[0]))) for end in (1, 3))
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
    straight = cv2.warpPerspective(
        picture, cv2.getPerspectiveTransform(line.corners, target), (wide, high), borderMode=cv2.BORDER_REPLICATE
    )
    text, score = "", 0.0
    for turn in _turns(wide=wide, high=high):
        one, sure = _recognised(np.ascontiguousarray(np.rot90(straight, turn)))
        if sure > score:
            text, score = one, sure
        if score >= _WELL_READ:
            break
    rows, columns = picture.shape
    (left, top), (right, bottom) = line.corners.min(axis=0), line.corners.max(axis=0)
    return FoundText(
        text=text,
        left=max(0.0, float(left)),
        top=max(0.0, float(top)),
        right=min(float(columns), float(right)),
        bottom=min(float(rows), float(bottom)),
        score=score,
        likelihood=line.likelihood,
        length=float(max(wide, high)),
        height=float(min(wide, high)),
    )


def _turns(*, wide: int, high: int) -> Sequence[int]:
    # Quarter turns to the left. As it is comes first: an L that is turned is a 7.
    if wide > _LONG * high:
        return 0, 2
    return (1, 3) if high > _LONG * wide else (0, 2, 1, 3)


def _recognised(line: _Grey) -> tuple[str, float]:
    rows, columns = line.shape
    width = min(_MAX_LINE_WIDTH, max(_LINE_HEIGHT, int(np.ceil(columns * _LINE_HEIGHT / rows))))
    _letters.setInput(_normal(cv2.resize(line, (width, _LINE_HEIGHT))))
    likely = np.asarray(_letters.forward())[0]
    numbers, scores = likely.argmax(axis=1), likely.max(axis=1)
    # A letter that goes on in the next column counts once (connectionist temporal classification).
    begins = (numbers != 0) & (numbers != np.concatenate([[0], numbers[:-1]]))
    text = "".join(_CHARACTERS[number] for number in numbers[begins])
    return text, (float(scores[begins].mean()) if begins.any() else 0.0)


def _normal(picture: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    # Each of three colours, from -1 to 1.
    grey = (picture.astype(np.float32) / 255 - 0.5) / 0.5
    return np.repeat(grey[None, None], 3, axis=1)
