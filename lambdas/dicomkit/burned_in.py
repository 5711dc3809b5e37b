"""Find text that is burned into the frames of a picture, and fill it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, floor
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from pydicom.dataset import FileDataset

from dicomkit.decoding import decoded
from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.renderings import renderings
from dicomkit.words import Words

# The side of the body, and scales: these are needed, and say nothing of a patient.
_MARKER = re.compile(r"[LR]|\d{1,3}([.,]\d)?\s?(mm|cm)", re.IGNORECASE)
# Below it, a text is more often misread than not. Text like a word of the header counts at any score.
_MIN_SCORE = 0.5
# Organs are taken for single signs, for large ones, and for what is found with less certainty and hardly read.
_SURE_SCORE, _SURE_LIKELIHOOD = 0.8, 0.6
_SINGLE_SCORE, _SINGLE_LIKELIHOOD = 0.9, 0.8
# Text is large from 32 pixels on, more in a large picture, and less in a small one.
_LARGE_PIXELS, _LARGE, _LARGE_IN_SMALL = 32, 1 / 8, 1 / 3
# A line that is found with this likelihood, and longer than high, is text even if it cannot be read.
_LINE_LIKELIHOOD, _LINE_LENGTH = 0.7, 2
# Lines of text take up less of a picture. What takes up more is filled by mistake.
_MAX_AREA, _MAX_AREAS = 0.2, 0.3
# A flat area, not text: so much of it is filled.
_FLAT = 0.6
# What is read in a filled rectangle, and not beside it, is the rectangle.
_RECTANGLE = 0.9
# Filled twice, then looked at for the last time.
_ROUNDS = 3
_PADDING, _MIN_PADDING = 0.15, 2


@dataclass(frozen=True, kw_only=True)
class FoundText:
    """A line of text in a frame.

    `left`, `top`, `right`, `bottom`: its box, in pixels. `length`, `height`: of the line in its own direction, in
    pixels. `score`: how sure the reader is of the signs, 0 to 1. `likelihood`: how sure it is that there is a line of
    text, which it may be unable to read, 0 to 1.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    length: float
    height: float
    score: float
    likelihood: float


FindText: TypeAlias = Callable[[npt.NDArray[np.uint8]], Sequence[FoundText]]
"""Finds text in a grey frame, rows x columns."""


class TextReaderFailedError(Exception):
    """The reader of text failed. Its message names the type of its error, and no value."""


_Frame: TypeAlias = npt.NDArray[np.generic]
_Area: TypeAlias = tuple[int, int, int, int]
_Mask: TypeAlias = npt.NDArray[np.bool_]


def without_text(
    dataset: FileDataset, *, layout: Layout, words: Words, find_text: FindText
) -> list[npt.NDArray[np.generic]] | None:
    """Fill all text but side markers and scales, with the colour around it. A text in one frame is filled in all.

    Return the frames, or None if there is no text.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if a frame cannot be decoded. `TEXT_LEFT` if text is found after it was filled, if a line cannot
        be read, or if more of the picture would be filled than text takes up. `TOO_LARGE` if the file has more windows
        than there is time for.
    TextReaderFailedError
        If the reader fails. That is not the file's fault.
    """
    frames, filled = decoded(dataset, layout=layout), np.zeros((layout.rows, layout.columns), dtype=bool)
    for _ in range(_ROUNDS):
        found = [
            text
            for rendering in _different_renderings(frames, dataset=dataset, layout=layout)
            for text in _found(rendering, find_text=find_text)
        ]
        areas = {
            _area(text, layout=layout)
            for text in found
            if _is_text(text, words=words, layout=layout)
            and (words.is_like_one(text.text) or not _is_filled(text, layout=layout, filled=filled))
        }
        if not areas:
            if any(_is_unreadable_line(text, layout=layout, filled=filled) for text in found):
                break
            return frames if filled.any() else None
        _mark(areas, filled=filled)
        frames = [_filled(frame, areas=areas, layout=layout) for frame in frames]
    raise Quarantined(QuarantineReason.TEXT_LEFT)


def _different_renderings(
    frames: Sequence[_Frame], *, dataset: FileDataset, layout: Layout
) -> Iterator[npt.NDArray[np.uint8]]:
    # Digests, since a file can have thousands of frames.
    seen = set()
    for index, frame in enumerate(frames):
        for rendering in renderings(frame, index=index, dataset=dataset, layout=layout):
            digest = sha256(rendering.tobytes()).digest()
            if digest not in seen:
                seen.add(digest)
                yield rendering


def _found(rendering: npt.NDArray[np.uint8], *, find_text: FindText) -> Sequence[FoundText]:
    try:
        return find_text(rendering)
    except MemoryError:
        raise
    except Exception as error:
        raise TextReaderFailedError(type(error).__name__) from None


def _is_text(found: FoundText, *, words: Words, layout: Layout) -> bool:
    text = found.text.strip()
    if _MARKER.fullmatch(text):
        return False
    signs, is_large = sum(map(str.isalnum, text)), _is_large(found, layout=layout)
    if words.is_like_one(text) and (found.score >= _MIN_SCORE or not is_large):
        return True
    if signs == 0 or (signs == 1 and is_large):
        return False
    if signs == 1:
        return found.score >= _SINGLE_SCORE and found.likelihood >= _SINGLE_LIKELIHOOD
    if is_large:
        return found.score >= _SURE_SCORE and found.likelihood >= _SURE_LIKELIHOOD
    return found.score >= _SURE_SCORE or (found.score >= _MIN_SCORE and found.likelihood >= _SURE_LIKELIHOOD)


def _is_unreadable_line(found: FoundText, *, layout: Layout, filled: _Mask) -> bool:
    if _MARKER.fullmatch(found.text.strip()) or _is_large(found, layout=layout):
        return False
    is_line = found.likelihood >= _LINE_LIKELIHOOD and found.length >= _LINE_LENGTH * found.height
    return is_line and _share_filled(found, layout=layout, filled=filled) < _FLAT


def _is_filled(found: FoundText, *, layout: Layout, filled: _Mask) -> bool:
    return _share_filled(found, layout=layout, filled=filled) >= _RECTANGLE


def _share_filled(found: FoundText, *, layout: Layout, filled: _Mask) -> float:
    top, bottom, left, right = _area(found, layout=layout)
    return float(filled[top:bottom, left:right].mean())


def _is_large(found: FoundText, *, layout: Layout) -> bool:
    side = min(layout.rows, layout.columns)
    return found.height > min(max(_LARGE_PIXELS, _LARGE * side), _LARGE_IN_SMALL * side)


def _mark(areas: Iterable[_Area], *, filled: _Mask) -> None:
    for top, bottom, left, right in areas:
        if (bottom - top) * (right - left) > _MAX_AREA * filled.size:
            raise Quarantined(QuarantineReason.TEXT_LEFT)
        filled[top:bottom, left:right] = True
    if filled.mean() > _MAX_AREAS:
        raise Quarantined(QuarantineReason.TEXT_LEFT)


def _area(found: FoundText, *, layout: Layout) -> _Area:
    padding = max(_MIN_PADDING, _PADDING * found.height)
    left, right = max(0, floor(found.left - padding)), min(layout.columns, ceil(found.right + padding))
    top, bottom = max(0, floor(found.top - padding)), min(layout.rows, ceil(found.bottom + padding))
    if left >= right or top >= bottom:
        # A text outside of the picture is an error of the reader, and nothing can be filled.
        raise Quarantined(QuarantineReason.TEXT_LEFT)
    return top, bottom, left, right


def _filled(frame: _Frame, *, areas: Iterable[_Area], layout: Layout) -> _Frame:
    filled = frame.copy()
    for top, bottom, left, right in areas:
        filled[top:bottom, left:right] = _colour_around(frame, area=(top, bottom, left, right), layout=layout)
    return filled


def _colour_around(frame: _Frame, *, area: _Area, layout: Layout) -> _Frame:
    top, bottom, left, right = area
    sides = (
        frame[max(0, top - 1) : top, left:right],
        frame[bottom : bottom + 1, left:right],
        frame[top:bottom, max(0, left - 1) : left],
        frame[top:bottom, right : right + 1],
    )
    around = np.concatenate([side.reshape(-1, *frame.shape[2:]) for side in sides])
    if not len(around):
        return np.zeros(frame.shape[2:], dtype=frame.dtype)
    if layout.photometric == "PALETTE COLOR":
        # The mean of two numbers of a palette is any colour.
        colours, counts = np.unique(around, axis=0, return_counts=True)
        frequent: _Frame = colours[counts.argmax()]
        return frequent
    middle: _Frame = np.median(around, axis=0).astype(frame.dtype)
    return middle
