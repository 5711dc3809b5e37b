"""Look for faces in one chunk of a video."""

from awskit.redaction.video.finding import find
from awskit.redaction.video.planned import planned_chunk
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import detections, local_folder
from awskit.storage.objects import download_upload
from safelight_contracts.redaction.styles import Style
from videokit.cells import Enlargement
from videokit.looking import Look, look
from videokit.sandbox import ProcessLimits, run_in_sandbox
from videokit.tracks.cuts import is_cut

LOOK_SECONDS = 0.1
"""The longest time between two frames that the detector looks at: every third one of 30 frames a second."""

_ENLARGEMENTS = {Style.BLUR: Enlargement.SMOOTH, Style.PIXELATE: Enlargement.RECTANGLES}


def detect_in_chunk(job: Job) -> Answer:
    """Write what the detector finds."""
    planned = planned_chunk(job)
    how = Look(find=find, is_cut=is_cut, seconds=LOOK_SECONDS, enlargement=_ENLARGEMENTS.get(job.settings.style))
    with local_folder() as folder:
        source = folder / "source"
        download_upload(job.source, path=source)
        looked = run_in_sandbox(
            look,
            {"source": source, "chunk": planned.chunk, "info": planned.info, "frames": planned.frames, "how": how},
            limits=ProcessLimits(),
        )
    job.work.write_json(detections(planned.chunk.number), looked)
    return {}
