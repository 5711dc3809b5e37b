"""Link what was found in all chunks of a video, and say what is covered in each frame."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from awskit.redaction.video.reviewing import video_review
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import PLAN, REVIEW, covers, detections
from videokit.faults import ChunkMismatchError
from videokit.info import VideoInfo
from videokit.looking import Found, Looked
from videokit.plan import Chunk, Plan
from videokit.tracks.boxes import area
from videokit.tracks.covering import cover
from videokit.tracks.cuts import is_cut
from videokit.tracks.linking import Track, link
from videokit.tracks.timeline import Timeline


def link_video(job: Job) -> Answer:
    """Write what is covered in each chunk, and the review. Returns `{"tracks"}`, the number of tracks."""
    told = job.work.read_json(PLAN)
    info, plan = VideoInfo.from_json(told["info"]), Plan.from_json(told["plan"])
    looked = [Looked.from_json(job.work.read_json(detections(chunk.number))) for chunk in plan.chunks]
    linked = link_chunks(looked, info=info, plan=plan, padding=job.settings.padding)
    for number, chunk_covers in enumerate(linked.covers):
        job.work.write_json(covers(number), chunk_covers)
    review = video_review(linked.covers, tracks=linked.tracks, info=info, plan=plan, job=job)
    job.work.write_json(REVIEW, review.as_json())
    return {"tracks": linked.tracks}


@dataclass(frozen=True, kw_only=True)
class Linked:
    """`covers`: what is covered in each chunk, as `covering` reads it. `tracks`: their number."""

    covers: Sequence[dict[str, Any]]
    tracks: int


def link_chunks(looked: Sequence[Looked], *, info: VideoInfo, plan: Plan, padding: float) -> Linked:
    """Say what is covered in each chunk.

    `looked`: what was found in each chunk of the plan.

    Raises
    ------
    ChunkMismatchError
        If the detector has not looked at both ends of a chunk, or has looked at frames of another one.
    """
    for chunk, seen in zip(plan.chunks, looked, strict=True):
        _validate(seen, chunk=chunk)
    times = [float(frame.pts * info.time_base) for frame in plan.frames]
    timeline = Timeline(times, _cuts(looked, plan=plan))
    found = {frame: there for seen in looked for frame, there in seen.found.items()}
    tracks = link({frame: [it.detection for it in there] for frame, there in found.items()}, timeline=timeline)
    boxes: dict[int, list[list[float]]] = defaultdict(list)
    for it in cover(tracks, timeline=timeline, padding=padding):
        boxes[it.frame].append([it.track, it.box.left, it.box.top, it.box.right, it.box.bottom])
    cells = _cells(tracks, found=found)
    return Linked(
        covers=[_covers(chunk, plan=plan, boxes=boxes, cells=cells) for chunk in plan.chunks], tracks=len(tracks)
    )


def _validate(looked: Looked, *, chunk: Chunk) -> None:
    last = chunk.first + chunk.frames - 1
    frames = looked.found.keys()
    if looked.chunk != chunk.number or min(frames, default=-1) != chunk.first or max(frames, default=-1) != last:
        raise ChunkMismatchError(f"The detector has not looked at the first and the last frame of {chunk.number}.")


def _cuts(looked: Sequence[Looked], *, plan: Plan) -> Sequence[int]:
    """Return the cuts within chunks and between them, rising."""
    between = [
        chunk.first
        for chunk, (earlier, later) in zip(plan.chunks[1:], pairwise(looked), strict=True)
        if is_cut(earlier.last, later.first)
    ]
    return sorted([*between, *(cut for seen in looked for cut in seen.cuts)])


def _cells(tracks: Sequence[Track], *, found: Mapping[int, Sequence[Found]]) -> dict[int, dict[str, Any]]:
    """Return the cells of the largest face of each track, by the number of the track.

    They are those of one frame: the cells of many frames together show more.
    """
    chosen = {}
    for number, track in enumerate(tracks):
        faces = [it for frame, box in track.seen.items() for it in found[frame] if it.detection.box == box and it.cells]
        largest = max(faces, key=lambda it: area(it.detection.box), default=None)
        if largest is not None and largest.cells is not None:
            chosen[number] = largest.cells.as_json()
    return chosen


def _covers(
    chunk: Chunk, *, plan: Plan, boxes: Mapping[int, list[list[float]]], cells: Mapping[int, dict[str, Any]]
) -> dict[str, Any]:
    here = {number: boxes[number] for number in range(chunk.first, chunk.first + chunk.frames) if number in boxes}
    tracks = {int(box[0]) for there in here.values() for box in there}
    return {
        "boxes": {str(plan.frames[number].pts): there for number, there in here.items()},
        "cells": {str(track): cells[track] for track in tracks if track in cells},
    }
