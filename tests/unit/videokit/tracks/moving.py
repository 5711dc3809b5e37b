"""Faces that move, and what a detector finds of them."""

from collections.abc import Iterable, Mapping, Sequence

from imagekit.geometry import Box
from videokit.tracks.boxes import area
from videokit.tracks.covering import Cover
from videokit.tracks.detections import Detection
from videokit.tracks.timeline import Timeline

FACE = Box(left=0.4, top=0.4, right=0.5, bottom=0.6)


def steady(*, frames: int, rate: float = 25, start: float = 0, cuts: Sequence[int] = ()) -> Timeline:
    """Make a timeline of a constant frame rate. `start`: when the first frame is shown, in seconds."""
    return Timeline(times=[start + frame / rate for frame in range(frames)], cuts=cuts)


def shifted(box: Box, *, across: float = 0, down: float = 0) -> Box:
    return Box(left=box.left + across, top=box.top + down, right=box.right + across, bottom=box.bottom + down)


def found(box: Box, score: float = 0.9) -> Sequence[Detection]:
    """Return what a detector finds in a frame with one face."""
    return [Detection(box=box, score=score)]


def bare_part(box: Box, covers: Sequence[Box]) -> float:
    """Return the part of a box's area that no single cover hides. Covers are not combined."""
    hidden = (
        max(0.0, min(box.right, it.right) - max(box.left, it.left))
        * max(0.0, min(box.bottom, it.bottom) - max(box.top, it.top))
        for it in covers
    )
    return 1 - max(hidden, default=0.0) / area(box)


def by_frame(covers: Iterable[Cover]) -> Mapping[int, Sequence[Box]]:
    frames: dict[int, list[Box]] = {}
    for it in covers:
        frames.setdefault(it.frame, []).append(it.box)
    return frames
