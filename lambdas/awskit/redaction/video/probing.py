"""Find out whether a video can be redacted, and plan its chunks."""

from awskit.redaction.video.planned import planned_chunks
from awskit.redaction.video.published import is_redacted
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import CHUNKS, PLAN, chunk_plan, local_folder
from awskit.rejection import RejectedImage, UploadFault
from awskit.storage.objects import download_upload, validate_current
from awskit.uploads import validate_key
from safelight_contracts.keys import MAX_KEY_BYTES
from videokit.effort import validate_effort
from videokit.faults import VideoFault, VideoRejected
from videokit.info import VideoInfo
from videokit.needed import needed_parts
from videokit.plan import Plan
from videokit.planning import plan_of
from videokit.probe import probe
from videokit.sandbox import SharedLimits, run_in_sandbox

_CHUNK_SECONDS = 10
"""The least length of a chunk of up to 1920 x 1080. A shorter one takes longer to start than to redact."""
_CHUNK_PIXELS = 1920 * 1080
_MAX_DECODING_SECONDS = 300
"""Of one chunk. A function has 15 minutes, of which the detector or the encoder need most for 30 seconds of 4K."""


def probe_video(job: Job) -> Answer:
    """Validate a video, and write its plan.

    Returns `{"redacted", "chunks"}`: whether the destination has this video already, and if not, the key of the list of
    its chunks in the work bucket.
    """
    validate_key(job.source)
    if len(job.destination_key.encode()) > MAX_KEY_BYTES:
        raise RejectedImage(UploadFault.KEY_TOO_LONG, detail={"maxBytes": MAX_KEY_BYTES})
    limits = job.settings.limits
    if not 0 < job.source.size <= limits.max_bytes:
        raise VideoRejected(
            VideoFault.TOO_LARGE if job.source.size else VideoFault.NOT_A_VIDEO,
            detail={"bytes": job.source.size, "max_bytes": limits.max_bytes},
        )
    validate_current(job.source)
    if is_redacted(job):
        return {"redacted": True}
    processes = SharedLimits()
    with local_folder() as folder:
        source = folder / "source"
        download_upload(job.source, path=source)
        info = VideoInfo.from_json(run_in_sandbox(probe, {"path": source, "limits": limits}, limits=processes.rest()))
        how = {"path": source, "info": info, "seconds": chunk_seconds(info), "limits": limits}
        planned = Plan.from_json(run_in_sandbox(plan_of, how, limits=processes.rest()))
        effort = {"path": source, "plan": planned, "max_seconds": _MAX_DECODING_SECONDS}
        run_in_sandbox(validate_effort, effort, limits=processes.rest())
        needed = run_in_sandbox(needed_parts, {"path": source, "plan": planned}, limits=processes.rest())
    for chunk in planned_chunks(planned, info=info, needed=needed):
        job.work.write_json(chunk_plan(chunk.chunk.number), chunk.as_json())
    job.work.write_json(PLAN, {"info": info.as_json(), "plan": planned.as_json()})
    job.work.write_json(CHUNKS, [{"chunk": chunk.number} for chunk in planned.chunks])
    return {"redacted": False, "chunks": job.work.prefix + CHUNKS}


def chunk_seconds(info: VideoInfo) -> float:
    """Return the least length of a chunk: 10 seconds, and less of larger frames, so that a chunk takes as long.

    A detector takes five times as long for a frame of 3840 x 2160 as for one of 1920 x 1080.
    """
    return _CHUNK_SECONDS * min(1.0, _CHUNK_PIXELS / (info.width * info.height))
