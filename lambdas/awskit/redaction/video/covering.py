"""Cover the faces of one chunk of a video."""

from collections.abc import Mapping, Sequence
from typing import Any

from awskit.redaction.video.planned import planned_chunk
from awskit.redaction.video.sources import with_source
from awskit.redaction.video.steps import Answer, Job
from awskit.redaction.video.work import covers, local_folder, redacted_chunk
from imagekit.geometry import Box
from videokit.cells import Cells
from videokit.chunks import Mosaic, redact_chunk
from videokit.sandbox import SharedLimits, run_in_sandbox
from videokit.validate import validate_decodable


def cover_chunk(job: Job) -> Answer:
    """Write the redacted chunk."""
    planned = planned_chunk(job)
    number = planned.chunk.number
    told = job.work.read_json(covers(number))
    processes = SharedLimits()
    with local_folder() as folder:
        redacted = folder / "redacted.mp4"
        how = {
            "destination": redacted,
            "chunk": planned.chunk,
            "info": planned.info,
            "frames": planned.frames,
            "covers": read_covers(told),
        }
        with_source(
            job,
            planned=planned,
            folder=folder,
            work=lambda source: run_in_sandbox(redact_chunk, {"source": source, **how}, limits=processes.rest()),
        )
        run_in_sandbox(validate_decodable, {"path": redacted, "chunk": planned.chunk}, limits=processes.rest())
        job.work.upload(redacted, name=redacted_chunk(number))
    return {}


def read_covers(told: Mapping[str, Any]) -> Mapping[int, Sequence[Box | Mosaic]]:
    """Read what `link_chunks` says of a chunk: the covers by the pts of their frame."""
    cells = {track: Cells.from_json(it) for track, it in told["cells"].items()}
    return {int(pts): [_read_cover(it, cells=cells) for it in boxes] for pts, boxes in told["boxes"].items()}


def _read_cover(told: Sequence[Any], *, cells: Mapping[str, Cells]) -> Box | Mosaic:
    track, left, top, right, bottom = told
    box = Box(left=left, top=top, right=right, bottom=bottom)
    return Mosaic(box=box, cells=cells[str(track)]) if str(track) in cells else box
