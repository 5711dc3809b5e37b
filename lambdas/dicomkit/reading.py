"""Read text in a picture with PP-OCR, inside this process: no pixel leaves it.

The models are loaded when the module is imported, so that a worker does it once for all files.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from dicomkit.burned_in import FoundText
from dicomkit.text_models import DETECTION, RECOGNITION, metadata, network, read_model

# Small letters are enlarged, as PP-OCR does by default. More than the longest side needs too much memory.
_SHORTEST_SIDE, _LONGEST_SIDE = 736, 1920
_STRIDE = 32
# PP-OCR's values, but for the score of a line, which is 0.5: the caller judges what is hardly text.
_MIN_PIXEL, _MIN_LINE, _MIN_SIDE = 0.3, 0.3, 3
_UNCLIP = 1.6
_LINE_HEIGHT, _MAX_LINE_WIDTH = 48, 3200
# A line that is this much higher than wide is turned.
_UPRIGHT = 1.5

_Grey = npt.NDArray[np.uint8]
_Box = tuple[int, int, int, int]

_recognition = read_model(RECOGNITION)
_lines, _letters = network(read_model(DETECTION)), network(_recognition)
# Number 0 means no character, and the last one is the space.
_CHARACTERS = ["", *metadata(_recognition, key="character").split("\n"), " "]


def find_text(picture: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
    """Find the lines of text in a grey picture, rows x columns. The score is the mean of the letters'."""
    return [_read(picture, box=box) for box in _find_lines(picture)]


def _find_lines(picture: _Grey) -> list[_Box]:
    rows, columns = picture.shape
    scale = max(1.0, _SHORTEST_SIDE / min(rows, columns))
    scale = min(scale, _LONGEST_SIDE / max(rows, columns))
    height, width = (max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in (rows, columns))
    _lines.setInput(_normal(cv2.resize(picture, (width, height))))
    likely = np.asarray(_lines.forward())[0, 0]
    text = cv2.dilate((likely > _MIN_PIXEL).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, labels, areas, _ = cv2.connectedComponentsWithStats(text)
    boxes = []
    for number in range(1, count):
        left, top, wide, high, _ = (int(value) for value in areas[number])
        inside = labels[top : top + high, left : left + wide] == number
        if min(wide, high) < _MIN_SIDE or likely[top : top + high, left : left + wide][inside].mean() < _MIN_LINE:
            continue
        # The network finds the middle of a line. PP-OCR grows it by area x ratio / circumference.
        grown = wide * high * _UNCLIP / (2 * (wide + high))
        boxes.append(
            (
                max(0, int((left - grown) * columns / width)),
                max(0, int((top - grown) * rows / height)),
                min(columns, int(np.ceil((left + wide + grown) * columns / width))),
                min(rows, int(np.ceil((top + high + grown) * rows / height))),
            )
        )
    return boxes


def _read(picture: _Grey, *, box: _Box) -> FoundText:
    left, top, right, bottom = box
    line = picture[top:bottom, left:right]
    turned = [line]
    if bottom - top > _UPRIGHT * (right - left):
        turned += [np.rot90(line), np.rot90(line, 3)]
    score, text = max(_recognised(np.ascontiguousarray(one)) for one in turned)
    return FoundText(text=text, left=left, top=top, right=right, bottom=bottom, score=score)


def _recognised(line: _Grey) -> tuple[float, str]:
    rows, columns = line.shape
    width = min(_MAX_LINE_WIDTH, max(_LINE_HEIGHT, int(np.ceil(columns * _LINE_HEIGHT / rows))))
    _letters.setInput(_normal(cv2.resize(line, (width, _LINE_HEIGHT))))
    likely = np.asarray(_letters.forward())[0]
    numbers, scores = likely.argmax(axis=1), likely.max(axis=1)
    # A letter that goes on in the next column counts once (connectionist temporal classification).
    begins = (numbers != 0) & (numbers != np.concatenate([[0], numbers[:-1]]))
    text = "".join(_CHARACTERS[number] for number in numbers[begins])
    return (float(scores[begins].mean()) if begins.any() else 0.0), text


def _normal(picture: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    # Each of three colours, from -1 to 1.
    grey = (picture.astype(np.float32) / 255 - 0.5) / 0.5
    return np.repeat(grey[None, None], 3, axis=1)
