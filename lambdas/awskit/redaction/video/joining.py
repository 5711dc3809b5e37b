"""Join the redacted chunks of a video, validate the result, keep its review, and publish it."""

from pathlib import Path

from awskit.redaction.video.published import publish, withdraw
from awskit.redaction.video.reviewing import keep_review, make_sheets
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import PLAN, REVIEW, Work, local_folder, redacted_chunk
from awskit.rejection import RejectedImage
from awskit.storage.objects import download_upload
from safelight_contracts.redaction.reviews import VideoReview
from videokit.faults import VideoFault, VideoRejected
from videokit.info import VideoInfo
from videokit.join import join
from videokit.plan import Plan
from videokit.sandbox import SharedLimits, run_in_sandbox
from videokit.validate import validate

MAX_OBJECT_BYTES = 5_000_000_000
"""What one request can write ("Uploading objects" in the S3 user guide)."""

_MAX_REDACTED_BYTES = 3_500_000_000
"""Of all chunks. A function has 10,240 MB for them, the source of 3 GB and the joined video."""


def join_video(job: Job) -> Answer:
    """Write one object to the destination, and nothing before it is validated and its review is kept.

    A rejection leaves nothing behind, whatever an earlier attempt has written.

    Returns `{"written", "key", "bytes", "frames"}` of the redacted video. `written`: false if another execution of the
    same source has written it.
    """
    try:
        return _join(job)
    except (RejectedImage, VideoRejected):
        withdraw(job)
        raise


def _join(job: Job) -> Answer:
    told = job.work.read_json(PLAN)
    info, plan = VideoInfo.from_json(told["info"]), Plan.from_json(told["plan"])
    processes = SharedLimits()
    with local_folder() as folder:
        source, joined = folder / "source", folder / "joined"
        download_upload(job.source, path=source)
        chunks = download_chunks(job.work, folder=folder, count=len(plan.chunks))
        common = {"source": source, "plan": plan, "info": info}
        run_in_sandbox(join, {"chunks": chunks, "destination": joined, **common}, limits=processes.rest())
        validated = {"path": joined, "limits": job.settings.limits, **common}
        run_in_sandbox(validate, validated, limits=processes.rest())
        size = joined.stat().st_size
        if size > MAX_OBJECT_BYTES:
            raise VideoRejected(VideoFault.TOO_LARGE, detail={"redacted_bytes": size, "max_bytes": MAX_OBJECT_BYTES})
        sheets = make_sheets(source, chunks, folder=folder, job=job, plan=plan, info=info)
        keep_review(VideoReview.from_json(job.work.read_json(REVIEW)), sheets=sheets, job=job)
        is_written = publish(joined, job=job, container=info.container)
    return {"written": is_written, "key": job.destination_key, "bytes": size, "frames": len(plan.frames)}


def download_chunks(work: Work, *, folder: Path, count: int, max_bytes: int = _MAX_REDACTED_BYTES) -> list[Path]:
    """Download all redacted chunks, in their order.

    `max_bytes`: of all together. Default: 3,500,000,000.

    Raises VideoRejected: TOO_LARGE. Raises ServiceBusy if S3 is temporarily unavailable.
    """
    paths, size = [], 0
    for number in range(count):
        path = folder / f"{number}.mp4"
        work.download(redacted_chunk(number), path=path)
        size += path.stat().st_size
        if size > max_bytes:
            raise VideoRejected(VideoFault.TOO_LARGE, detail={"max_redacted_bytes": max_bytes})
        paths.append(path)
    return paths
