"""Hand the frames of a chunk that a detector must look at to the detector."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any, TypeAlias

import numpy as np
from av.video.frame import VideoFrame

from imagekit.geometry import Box
from safelight_contracts.redaction.styles import Style
from videokit.cells import Cells, Samples
from videokit.decoding import decoded
from videokit.info import VideoInfo
from videokit.orientation import shown_size, upright
from videokit.painting import pixel_box, sample, samples_of
from videokit.parts import Source
from videokit.plan import Chunk, Frame
from videokit.tracks.covering import COVER_SECONDS
from videokit.tracks.detections import Detection
from videokit.tracks.gaps import frame_between
from videokit.tracks.timeline import ROUNDING_SECONDS

THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT = 32, 18
"""Cells of the thumbnails that cuts are found with."""

Find: TypeAlias = Callable[[Samples], Sequence[Detection]]
IsCut: TypeAlias = Callable[[Samples, Samples], bool]

# Frames from one look to the next, which are kept until it is known whether they need a look: 200 MB of 3840 x 2160.
_MAX_FRAMES = 16
# The longest time from one look to the next, after frames between two looks were looked at. Where something moves all
# the time, each longer span would need more looks than a short one.
_RESTLESS_SECONDS = 0.1
# Samples of luma a side that a cell of a thumbnail is the mean of. All of them would take longer, and find no more.
_PROBES = 4


@dataclass(frozen=True, kw_only=True)
class Found:
    """A detection, and the cells that cover it if its track is shown as a mosaic.

    `cells`: None if none were asked for, or the box is outside of the frame.
    """

    detection: Detection
    cells: Cells | None = None


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was found in a chunk.

    Parameters
    ----------
    chunk
        The chunk's number.
    found
        By the index of the frame in the whole video. A frame without faces has an empty list; a frame that nobody
        looked at has none.
    cuts
        The indices of the frames that begin a shot. The chunk's first frame is never among them.
    first, last
        Thumbnails of the first and the last frame. With those of the chunks before and after, cuts between chunks are
        found.
    """

    chunk: int
    found: Mapping[int, Sequence[Found]]
    cuts: Sequence[int]
    first: Samples
    last: Samples

    def as_json(self) -> dict[str, Any]:
        """Return what was found as `from_json` reads it."""
        return {
            "chunk": self.chunk,
            "found": {str(frame): [_found_as_json(it) for it in found] for frame, found in self.found.items()},
            "cuts": list(self.cuts),
            "first": self.first.tolist(),
            "last": self.last.tolist(),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Looked":
        """Read what `as_json` returned.

        Raises ValueError if a detection is malformed.
        """
        return cls(
            chunk=told["chunk"],
            found={int(frame): [_found_from_json(it) for it in found] for frame, found in told["found"].items()},
            cuts=told["cuts"],
            first=np.array(told["first"], dtype=np.uint8),
            last=np.array(told["last"], dtype=np.uint8),
        )


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a chunk is looked at.

    Parameters
    ----------
    find
        The detector. It gets an upright frame whose pixels are square: rows, columns and 8 bits of red, green and blue.
    is_cut
        Whether a shot begins between two thumbnails of neighbouring frames, the earlier one first: rows and columns of
        luma, as stored.
    seconds
        The longest time between two frames that are looked at, if frames are not further apart themselves. Frames
        between are looked at as well where something moves fast or changes. 0 looks at every frame.
    style
        How faces are covered. Cells are sampled of each detection, except for filled boxes. Default: filled.

    Raises
    ------
    ValueError
        If `seconds` is negative, or more than COVER_SECONDS: a face that comes in after one look would be bare until
        shortly before the next.
    """

    find: Find
    is_cut: IsCut
    seconds: float
    style: Style = Style.FILL

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= COVER_SECONDS:
            raise ValueError(f"The time between two looks must be 0 to {COVER_SECONDS} seconds.")


def look(source: Source, *, chunk: Chunk, info: VideoInfo, frames: Sequence[Frame], how: Look) -> Looked:
    """Decode a chunk once, and look at its first and last frame, at both sides of each cut, and at frames between.

    Where a face of one look is not in the next one, or a frame between them shows something that neither look shows,
    frames between are looked at too: all of them, if need be. So a fast face is followed, and one that is in sight only
    between two looks is found. The thumbnails show no change if it is small or as bright as what it hides.

    `frames`: the chunk's frames, as planned.

    Raises
    ------
    VideoRejected
        As `decoded` does.
    ChunkMismatchError
        If the frames are not those of the plan.
    """
    found: dict[int, Sequence[Found]] = {}
    cuts: list[int] = []
    ends_of_chunk: list[Samples] = []
    since: list[_View] = []
    seconds = how.seconds
    for here, after in pairwise(chain(_views(source, chunk=chunk, info=info, frames=frames), [None])):
        if here is None:
            break
        ends_of_chunk = [ends_of_chunk[0] if ends_of_chunk else here.thumbnail, here.thumbnail]
        ends = after is None or how.is_cut(here.thumbnail, after.thumbnail)
        since.append(here)
        if ends or after is None or _is_due(since, after, seconds=seconds):
            found[here.index] = _found(here.frame, info=info, how=how)
            is_calm = _look_between(since, found=found, info=info, how=how) == 0
            seconds = how.seconds if is_calm else min(how.seconds, _RESTLESS_SECONDS)
            since = [] if ends else [here]
        if ends and after is not None:
            cuts.append(after.index)
    first, last = ends_of_chunk
    return Looked(chunk=chunk.number, found=dict(sorted(found.items())), cuts=cuts, first=first, last=last)


def thumbnail(frame: VideoFrame) -> Samples:
    """Reduce the luma of a frame, as stored, to a few cells."""
    luma = samples_of(frame.planes[0])
    rows = np.arange(THUMBNAIL_HEIGHT * _PROBES) * luma.shape[0] // (THUMBNAIL_HEIGHT * _PROBES)
    columns = np.arange(THUMBNAIL_WIDTH * _PROBES) * luma.shape[1] // (THUMBNAIL_WIDTH * _PROBES)
    probes = luma[rows[:, None], columns].reshape(THUMBNAIL_HEIGHT, _PROBES, THUMBNAIL_WIDTH, _PROBES)
    means: Samples = probes.mean(axis=(1, 3)).astype(np.uint8)
    return means


@dataclass(frozen=True, kw_only=True)
class _View:
    """A decoded frame. `index`: in the whole video. `time`: in seconds."""

    index: int
    time: float
    frame: VideoFrame
    thumbnail: Samples = field(repr=False)


def _views(source: Source, *, chunk: Chunk, info: VideoInfo, frames: Sequence[Frame]) -> Iterator[_View]:
    for number, (pts, frame) in enumerate(decoded(source, chunk=chunk, info=info, frames=frames)):
        yield _View(
            index=chunk.first + number, time=float(pts * info.time_base), frame=frame, thumbnail=thumbnail(frame)
        )


def _is_due(since: Sequence[_View], after: _View, *, seconds: float) -> bool:
    """Decide whether the last frame is looked at if no shot ends there.

    `since`: the last frame that was looked at and those after it, or the first one of a shot. `after`: the next frame.
    `seconds`: the longest time between two looks.
    """
    late = after.time > since[0].time + seconds + ROUNDING_SECONDS
    return late or len(since) in {1, _MAX_FRAMES}


def _look_between(since: Sequence[_View], *, found: dict[int, Sequence[Found]], info: VideoInfo, how: Look) -> int:
    """Look at frames between two looks, until nothing says that there is more to find. Return how many.

    `since`: from the frame of one look to that of the next. `found`: by frame, as far as looked at. It is added to.
    """
    first, last = since[0], since[-1]
    at = frame_between(
        [it.detection for it in found[first.index]],
        [it.detection for it in found[last.index]],
        seconds=last.time - first.time,
        thumbnails=[it.thumbnail for it in since],
    )
    if at is None:
        return 0
    found[since[at].index] = _found(since[at].frame, info=info, how=how)
    return 1 + sum(_look_between(part, found=found, info=info, how=how) for part in (since[: at + 1], since[at:]))


def _found(frame: VideoFrame, *, info: VideoInfo, how: Look) -> Sequence[Found]:
    width, height = shown_size(info)
    shown = frame.reformat(width=width, height=height, format="rgb24", interpolation="BILINEAR")
    pixels: Samples = shown.to_ndarray().astype(np.uint8, copy=False)
    return [
        Found(detection=it, cells=_cells(frame, it.box, info=info, style=how.style))
        for it in how.find(upright(pixels, orientation=info.orientation))
    ]


def _cells(frame: VideoFrame, box: Box, *, info: VideoInfo, style: Style) -> Cells | None:
    placed = pixel_box(box, orientation=info.orientation, width=info.width, height=info.height)
    return None if style is Style.FILL or placed is None else sample(frame, placed, style=style)


def _found_as_json(found: Found) -> dict[str, Any]:
    box = found.detection.box
    return {
        "box": [box.left, box.top, box.right, box.bottom],
        "score": found.detection.score,
        "cells": None if found.cells is None else found.cells.as_json(),
    }


def _found_from_json(told: Mapping[str, Any]) -> Found:
    left, top, right, bottom = told["box"]
    return Found(
        detection=Detection(box=Box(left=left, top=top, right=right, bottom=bottom), score=told["score"]),
        cells=None if told["cells"] is None else Cells.from_json(told["cells"]),
    )
