"""What is kept of a redacted video for its review: its boxes, and two contact sheets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil, floor
from pathlib import Path
from typing import Any

from awskit.logs import logger
from awskit.redaction.large_objects import upload
from awskit.redaction.objects import find_copy, write_copy
from awskit.redaction.video.steps import Job
from awskit.redaction.video.work import covers
from awskit.storage.objects import validate_current
from awskit.transient_errors import ServiceBusy
from imagekit.geometry import Box, Size
from safelight_contracts.redaction.reviews import (
    MAX_VIDEO_BOXES,
    FrameBoxes,
    TrackBox,
    VideoReview,
    after_key,
    before_key,
    boxes_key,
)
from safelight_contracts.redaction.videos import EXECUTION, generation_of
from videokit.faults import ChunkMismatchError, VideoRejected
from videokit.info import VideoInfo
from videokit.orientation import is_turned
from videokit.plan import Plan
from videokit.sandbox import ProcessLimits, SandboxFailedError, run_in_sandbox
from videokit.sheets import draw_sheets, shown_frames

# Of the 15 minutes of the function. Enough for two minutes of 1080p in 60 frames a second; longer videos need less.
_SHEETS = ProcessLimits(max_seconds=120)


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """The files of the contact sheets."""

    before: Path
    after: Path


def video_review(
    chunk_covers: Iterable[Mapping[str, Any]], *, boxes: int, tracks: int, info: VideoInfo, plan: Plan, job: Job
) -> VideoReview:
    """Return the boxes of all chunks, in pixels.

    `chunk_covers`: what is covered in each chunk, as `awskit.redaction.video.linking` writes it. `boxes`: how many
    boxes they have together.
    """
    told = ((int(pts), there) for chunk in chunk_covers for pts, there in chunk["boxes"].items())
    every = max(1, ceil(boxes / MAX_VIDEO_BOXES))
    stored = Size(width=info.width, height=info.height)
    size = stored.transposed() if is_turned(info.orientation) else stored
    start = plan.frames[0].pts
    return VideoReview(
        etag=job.source.etag,
        version_id=job.source.version_id,
        redaction=generation_of(job.settings),
        width=size.width,
        height=size.height,
        tracks=tracks,
        every=every,
        frames=[
            FrameBoxes(seconds=round(float((pts - start) * info.time_base), 4), boxes=_pixels(there, size=size))
            for pts, there in islice(told, 0, None, every)
        ],
    )


def make_sheets(
    source: Path, chunks: Sequence[Path], *, folder: Path, info: VideoInfo, plan: Plan, job: Job
) -> Sheets | None:
    """Make the contact sheets. None if that fails: a video is not held back for them.

    `chunks`: the redacted ones, in their order.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    shown = shown_frames(plan)
    covered = {number: job.work.read_json(covers(number)) for number in {it.chunk.number for it in shown}}
    boxes = {it.pts: _boxes(covered[it.chunk.number]["boxes"].get(str(it.pts), ())) for it in shown}
    sheets = Sheets(before=folder / "before.jpg", after=folder / "after.jpg")
    how = {
        "source": source,
        "chunks": chunks,
        "before": sheets.before,
        "after": sheets.after,
        "shown": shown,
        "info": info,
        "boxes": boxes,
    }
    try:
        run_in_sandbox(draw_sheets, how, limits=_SHEETS)
    except (VideoRejected, ChunkMismatchError, SandboxFailedError):
        logger().exception("The contact sheets were not made")
        return None
    return sheets


def keep_review(review: VideoReview, *, sheets: Sheets | None, job: Job) -> None:
    """Write the review of a video that is published next.

    An execution of an older source writes none after that of a newer one has: it looks at the review before it looks at
    the source, and S3 refuses the boxes if they have changed since.

    Raises RejectedImage: `SUPERSEDED` or `WITHDRAWN`. Raises ServiceBusy if S3 is temporarily unavailable, or another
    execution has written the boxes.
    """
    bucket, key = job.settings.work_bucket, job.destination_key
    earlier = find_copy(bucket=bucket, key=boxes_key(key))
    validate_current(job.source)
    metadata = {**review.metadata, EXECUTION: job.work.prefix}
    is_written = write_copy(
        json.dumps(review.as_json(), separators=(",", ":")).encode(),
        bucket=bucket,
        key=boxes_key(key),
        content_type="application/json",
        metadata=metadata,
        instead_of=earlier,
    )
    if not is_written:
        raise ServiceBusy("The review has changed.")
    if sheets is not None:
        for name, path in ((before_key(key), sheets.before), (after_key(key), sheets.after)):
            upload(path, Bucket=bucket, Key=name, ContentType="image/jpeg", Metadata=metadata)


def _pixels(boxes: Sequence[Sequence[float]], *, size: Size) -> list[TrackBox]:
    placed = [
        TrackBox(
            track=int(track),
            left=floor(cut.left * size.width),
            top=floor(cut.top * size.height),
            right=ceil(cut.right * size.width),
            bottom=ceil(cut.bottom * size.height),
        )
        for (track, *_), cut in zip(boxes, (it.cut() for it in _boxes(boxes)), strict=True)
    ]
    return [it for it in placed if it.left < it.right and it.top < it.bottom]


def _boxes(told: Sequence[Sequence[float]]) -> list[Box]:
    return [Box(left=left, top=top, right=right, bottom=bottom) for _, left, top, right, bottom in told]
