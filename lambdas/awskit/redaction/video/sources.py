"""The source of a chunk: the parts that it needs, or the whole video."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from awskit.logs import logger
from awskit.redaction.video.planned import PlannedChunk
from awskit.redaction.video.steps import Job
from awskit.storage.objects import download_parts, download_upload
from videokit.faults import ChunkMismatchError
from videokit.parts import Partial, Source


def with_source(job: Job, *, planned: PlannedChunk, folder: Path, work: Callable[[Source], Any]) -> Any:
    """Download what a chunk needs, and work on it.

    If the work reads what is not here, or the parts are not as planned, it is done again on the whole video.

    Raises RejectedImage, ServiceBusy as `download_upload`, and what `work` raises.
    """
    path = folder / "source"
    if planned.parts is not None:
        download_parts(job.source, planned.parts, path=path)
        try:
            return work(Partial(path=path, parts=planned.parts))
        except ChunkMismatchError as error:
            logger().warning("The parts of a chunk were not enough", chunk=job.chunk, reason=str(error))
    download_upload(job.source, path=path)
    return work(path)
