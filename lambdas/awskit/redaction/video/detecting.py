"""Look for faces in one chunk of a video."""

from awskit.redaction.video.finding import find
from awskit.redaction.video.planned import planned_chunk
from awskit.redaction.video.sources import with_source
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import detections, local_folder
from videokit.info import VideoInfo
from videokit.looking import Look, look
from videokit.sandbox import SharedLimits, run_in_sandbox
from videokit.tracks.cuts import is_cut

_LOOK_SECONDS = 0.1
_LOOK_SECONDS_OF_LARGE_FRAMES = 0.2
_LARGE_PIXELS = 1280 * 720


def detect_in_chunk(job: Job) -> Answer:
    """Write what the detector finds."""
    planned = planned_chunk(job)
    how = Look(
        find=find,
        is_cut=is_cut,
        seconds=look_seconds(planned.info),
        style=job.settings.style,
    )
    processes = SharedLimits()
    with local_folder() as folder:
        told = {"chunk": planned.chunk, "info": planned.info, "frames": planned.frames, "how": how}
        looked = with_source(
            job,
            planned=planned,
            folder=folder,
            work=lambda source: run_in_sandbox(look, {"source": source, **told}, limits=processes.rest()),
        )
    job.work.write_json(detections(planned.chunk.number), looked)
    return {}


def look_seconds(info: VideoInfo) -> float:
    """Return the longest time between two frames that the detector looks at.

    Every third of 30 frames a second, or every sixth of frames above 1280 x 720, on which a look takes more than twice
    as long. Where faces are fast or come and go, `look` looks at frames between. No face of the labelled set is bare:
    see bench/redaction/bare_frames.py.
    """
    return _LOOK_SECONDS_OF_LARGE_FRAMES if info.width * info.height > _LARGE_PIXELS else _LOOK_SECONDS
