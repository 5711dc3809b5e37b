"""Join the redacted chunks of a video, validate the result, keep its review, and publish it."""

from awskit.redaction.video.published import publish
from awskit.redaction.video.reviewing import keep_review, make_sheets
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import PLAN, REVIEW, local_folder, redacted_chunk
from awskit.storage.objects import download_upload
from safelight_contracts.redaction.reviews import VideoReview
from videokit.info import VideoInfo
from videokit.join import join
from videokit.plan import Plan
from videokit.sandbox import ProcessLimits, run_in_sandbox
from videokit.validate import validate


def join_video(job: Job) -> Answer:
    """Write one object to the destination, and nothing before it is validated and its review is kept.

    Returns `{"key", "bytes", "frames"}` of the redacted video.
    """
    told = job.work.read_json(PLAN)
    info, plan = VideoInfo.from_json(told["info"]), Plan.from_json(told["plan"])
    with local_folder() as folder:
        source, joined = folder / "source", folder / "joined"
        download_upload(job.source, path=source)
        chunks = [folder / f"{chunk.number}.mp4" for chunk in plan.chunks]
        for number, path in enumerate(chunks):
            job.work.download(redacted_chunk(number), path=path)
        common = {"source": source, "plan": plan, "info": info}
        run_in_sandbox(join, {"chunks": chunks, "destination": joined, **common}, limits=ProcessLimits())
        validated = {"path": joined, "limits": job.settings.limits, **common}
        run_in_sandbox(validate, validated, limits=ProcessLimits())
        size = joined.stat().st_size
        sheets = make_sheets(source, chunks, folder=folder, job=job, plan=plan, info=info)
        keep_review(VideoReview.from_json(job.work.read_json(REVIEW)), sheets=sheets, job=job)
        publish(joined, job=job, container=info.container)
    return {"key": job.destination_key, "bytes": size, "frames": len(plan.frames)}
