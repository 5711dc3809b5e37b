"""Find text that is burned into the frames of a picture, and fill it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from pydicom.dataset import FileDataset

from dicomkit.decoding import decoded, renderings
from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.words import Words

# The side of the body, and scales: these are needed, and say nothing of a patient.
_MARKER = re.compile(r"[LR]|\d{1,3}([.,]\d)?\s?(mm|cm)", re.IGNORECASE)
# Below it, a text is more often misread than not. Text like a word of the header counts at any score.
_MIN_SCORE = 0.5
# Filled twice, then looked at for the last time.
_ROUNDS = 3
_PADDING, _MIN_PADDING = 0.15, 2


@dataclass(frozen=True, kw_only=True)
class FoundText:
    """A text in a frame.

    `left`, `top`, `right`, `bottom`: its box, in pixels. `score`: how sure the reader is, 0 to 1.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    score: float


FindText: TypeAlias = Callable[[npt.NDArray[np.uint8]], Sequence[FoundText]]
"""Finds text in a grey frame, rows x columns."""


class TextReaderFailedError(Exception):
    """The reader of text failed. Its message names the type of its error, and no value."""


_Frame: TypeAlias = npt.NDArray[np.generic]
_Area: TypeAlias = tuple[int, int, int, int]


def without_text(
    dataset: FileDataset, *, layout: Layout, words: Words, find_text: FindText
) -> list[npt.NDArray[np.generic]] | None:
    """Fill all text but side markers and scales, with the colour around it. A text in one frame is filled in all.

    Return the frames, or None if there is no text.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if a frame cannot be decoded. `TEXT_LEFT` if text is found after it was filled.
    TextReaderFailedError
        If the reader fails. That is not the file's fault.
    """
    frames, has_text = decoded(dataset, layout=layout), False
    for _ in range(_ROUNDS):
        areas = {
            _area(found, layout=layout)
            for frame in _different(frames)
            for rendering in renderings(frame, dataset=dataset, layout=layout)
            for found in _found(rendering, find_text=find_text)
            if _is_text(found, words=words)
        }
        if not areas:
            return frames if has_text else None
        has_text = True
        frames = [_filled(frame, areas=areas, layout=layout) for frame in frames]
    raise Quarantined(QuarantineReason.TEXT_LEFT)


def _found(rendering: npt.NDArray[np.uint8], *, find_text: FindText) -> Sequence[FoundText]:
    try:
        return find_text(rendering)
    except MemoryError:
        raise
    except Exception as error:
        raise TextReaderFailedError(type(error).__name__) from None


def _different(frames: Iterable[_Frame]) -> Iterable[_Frame]:
    return {frame.tobytes(): frame for frame in frames}.values()


def _is_text(found: FoundText, *, words: Words) -> bool:
    if _MARKER.fullmatch(found.text.strip()):
        return False
    return found.score >= _MIN_SCORE or words.is_like_one(found.text)


def _area(found: FoundText, *, layout: Layout) -> _Area:
    padding = max(_MIN_PADDING, _PADDING * (found.bottom - found.top))
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
