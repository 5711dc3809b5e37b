"""Link what was found in all chunks of a video, and say what is covered in each frame."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from awskit.redaction.video.reviewing import video_review
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import PLAN, REVIEW, covers, detections
from videokit.faults import ChunkMismatchError
from videokit.info import VideoInfo
from videokit.looking import Looked
from videokit.plan import Chunk, Plan
from videokit.tracks.boxes import area
from videokit.tracks.covering import Cover, cover
from videokit.tracks.cuts import is_cut
from videokit.tracks.detections import Detection
from videokit.tracks.linking import Track, link
from videokit.tracks.timeline import Timeline


def link_video(job: Job) -> Answer:
    """Write what is covered in each chunk, and the review. Returns `{"tracks"}`, the number of tracks."""
    told = job.work.read_json(PLAN)
    info, plan = VideoInfo.from_json(told["info"]), Plan.from_json(told["plan"])

    def read(chunk: int) -> Looked:
        return Looked.from_json(job.work.read_json(detections(chunk)))

    linked = link_chunks(read, info=info, plan=plan, padding=job.settings.padding)
    boxes = 0
    for number, chunk_covers in enumerate(linked.covers):
        boxes += sum(len(there) for there in chunk_covers["boxes"].values())
        job.work.write_json(covers(number), chunk_covers)
    written = (job.work.read_json(covers(chunk.number)) for chunk in plan.chunks)
    review = video_review(written, boxes=boxes, tracks=linked.tracks, info=info, plan=plan, job=job)
    job.work.write_json(REVIEW, review.as_json())
    return {"tracks": linked.tracks}


@dataclass(frozen=True, kw_only=True)
class Linked:
    """`covers`: what is covered in each chunk, once, as `covering` reads it. `tracks`: their number."""

    covers: Iterator[dict[str, Any]]
    tracks: int


def link_chunks(read: Callable[[int], Looked], *, info: VideoInfo, plan: Plan, padding: float) -> Linked:
    """Say what is covered in each chunk.

    Two hours with 20 faces in each frame have some millions of covers, and cells that are larger still. So covers are
    made one chunk after another, and cells are read again when the tracks are known.

    `read`: what was found in a chunk of the plan, by its number.

    Raises
    ------
    ChunkMismatchError
        If the detector has not looked at both ends of a chunk, or has looked at frames of another one.
    """
    everything = _read_all(read, plan=plan)
    times = [float(frame.pts * info.time_base) for frame in plan.frames]
    timeline = Timeline(times, everything.cuts)
    tracks = link(everything.detections, timeline=timeline)
    cells = _cells(tracks, chunks=[plan.chunks[number] for number in everything.with_cells], read=read)
    return Linked(
        covers=_covers(cover(tracks, timeline=timeline, padding=padding), plan=plan, cells=cells), tracks=len(tracks)
    )


@dataclass(frozen=True, kw_only=True)
class _Everything:
    """What was found in all chunks.

    `detections`: by the index of the frame. `cuts`: within chunks and between them, rising. `with_cells`: the numbers
    of the chunks that have cells.
    """

    detections: Mapping[int, Sequence[Detection]]
    cuts: Sequence[int]
    with_cells: Sequence[int]


def _read_all(read: Callable[[int], Looked], *, plan: Plan) -> _Everything:
    found: dict[int, Sequence[Detection]] = {}
    cuts: list[int] = []
    with_cells: list[int] = []
    last = None
    for chunk in plan.chunks:
        seen = read(chunk.number)
        _validate(seen, chunk=chunk)
        if last is not None and is_cut(last, seen.first):
            cuts.append(chunk.first)
        cuts.extend(seen.cuts)
        last = seen.last
        found |= {frame: [it.detection for it in there] for frame, there in seen.found.items()}
        if any(it.cells for there in seen.found.values() for it in there):
            with_cells.append(chunk.number)
    return _Everything(detections=found, cuts=sorted(cuts), with_cells=with_cells)


def _validate(looked: Looked, *, chunk: Chunk) -> None:
    last = chunk.first + chunk.frames - 1
    frames = looked.found.keys()
    if looked.chunk != chunk.number or min(frames, default=-1) != chunk.first or max(frames, default=-1) != last:
        raise ChunkMismatchError(f"The detector has not looked at the first and the last frame of {chunk.number}.")


def _cells(
    tracks: Sequence[Track], *, chunks: Sequence[Chunk], read: Callable[[int], Looked]
) -> dict[int, dict[str, Any]]:
    """Return the cells of the largest face of each track, by the number of the track.

    They are those of one frame: the cells of many frames together show more.
    """
    tracks_in: dict[int, list[int]] = defaultdict(list)
    for number, track in enumerate(tracks if chunks else ()):
        for frame in track.seen:
            tracks_in[frame].append(number)
    largest: dict[int, float] = {}
    chosen: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for frame, there in sorted(read(chunk.number).found.items()):
            for it in there:
                size = area(it.detection.box)
                for number in tracks_in[frame]:
                    is_larger = size > largest.get(number, -inf)
                    if it.cells and is_larger and tracks[number].seen[frame] == it.detection.box:
                        largest[number], chosen[number] = size, it.cells.as_json()
    return chosen


def _covers(
    everything: Iterator[Cover], *, plan: Plan, cells: Mapping[int, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield what is covered in each chunk. `everything`: by frames."""
    pending = next(everything, None)
    for chunk in plan.chunks:
        boxes: dict[str, list[list[float]]] = defaultdict(list)
        tracks: set[int] = set()
        while pending is not None and pending.frame < chunk.first + chunk.frames:
            box = pending.box
            boxes[str(plan.frames[pending.frame].pts)].append([pending.track, box.left, box.top, box.right, box.bottom])
            tracks.add(pending.track)
            pending = next(everything, None)
        yield {"boxes": dict(boxes), "cells": {str(track): cells[track] for track in tracks if track in cells}}
