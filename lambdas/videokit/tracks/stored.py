"""Covers as JSON: how the step that links them hands them to the steps that paint."""

import json
from collections.abc import Sequence
from math import ceil, floor, isfinite
from typing import Any

from imagekit.geometry import Box
from videokit.tracks.covering import Cover

_UNITS = 10_000
# A cover that rounds to a whole unit must not get another one from the error of the multiplication.
_ROUNDING = 1e-6
_NUMBERS = 6


class MalformedCoversError(ValueError):
    """Stored covers cannot be read. Nothing is known about what to cover."""


def covers_of(covers: Sequence[Cover], *, frames: range) -> Sequence[Cover]:
    """Return the covers of the frames of one chunk. Frames keep their index in the whole video."""
    return [it for it in covers if it.frame in frames]


def serialised(covers: Sequence[Cover]) -> str:
    """Return covers as JSON: a list of `[frame, track, left, top, right, bottom]`.

    Edges are integers of 1/10,000 of the frame, rounded outward, so that nothing that was covered is bare.

    Raises ValueError: an edge is not finite.
    """
    return json.dumps([_row(it) for it in covers], separators=(",", ":"))


def parsed(text: str | bytes) -> Sequence[Cover]:
    """Read what `serialised` returned.

    Raises MalformedCoversError: it is anything else.
    """
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise MalformedCoversError("The covers are no JSON.") from error
    if not isinstance(rows, list):
        raise MalformedCoversError("The covers are no list.")
    return [_cover(row) for row in rows]


def _row(cover: Cover) -> list[int]:
    box = cover.box
    if not all(isfinite(it) for it in (box.left, box.top, box.right, box.bottom)):
        raise ValueError("A cover has an edge that is not finite.")
    return [
        *(cover.frame, cover.track),
        *(floor(it * _UNITS + _ROUNDING) for it in (box.left, box.top)),
        *(ceil(it * _UNITS - _ROUNDING) for it in (box.right, box.bottom)),
    ]


def _cover(row: Any) -> Cover:
    # JSON's true is an int to Python.
    if not isinstance(row, list) or len(row) != _NUMBERS or any(type(it) is not int for it in row):
        raise MalformedCoversError("A cover is no list of six integers.")
    frame, track, left, top, right, bottom = row
    if frame < 0 or track < 0 or left >= right or top >= bottom:
        raise MalformedCoversError("A cover has a negative index or an empty box.")
    return Cover(
        frame=frame,
        track=track,
        box=Box(left=left / _UNITS, top=top / _UNITS, right=right / _UNITS, bottom=bottom / _UNITS),
    )
