"""The plan of one chunk, as the functions that work on it read it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from awskit.redaction.video.steps import Job
from awskit.redaction.video.work import chunk_plan
from videokit.info import VideoInfo
from videokit.parts import Part
from videokit.plan import Chunk, Frame, Plan


@dataclass(frozen=True, kw_only=True)
class PlannedChunk:
    """A chunk, its frames, and what is known of the video's picture.

    `parts`: those of the file that the chunk needs, or None if it needs all of them.
    """

    info: VideoInfo
    chunk: Chunk
    frames: tuple[Frame, ...]
    parts: tuple[Part, ...] | None

    def as_json(self) -> dict[str, Any]:
        """Return the plan as `from_json` reads it."""
        return {
            "info": self.info.as_json(),
            "chunk": self.chunk.as_json(),
            "frames": [[frame.pts, frame.duration] for frame in self.frames],
            "parts": self.parts,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "PlannedChunk":
        """Read what `as_json` returned."""
        return cls(
            info=VideoInfo.from_json(told["info"]),
            chunk=Chunk.from_json(told["chunk"]),
            frames=tuple(Frame(pts=pts, duration=duration) for pts, duration in told["frames"]),
            parts=None if told["parts"] is None else tuple((start, end) for start, end in told["parts"]),
        )


def planned_chunk(job: Job) -> PlannedChunk:
    """Read the plan of the chunk that a function works on."""
    if job.chunk is None:
        raise ValueError("The event has no chunk.")
    return PlannedChunk.from_json(job.work.read_json(chunk_plan(job.chunk)))


def planned_chunks(plan: Plan, *, info: VideoInfo, needed: Sequence[Sequence[Part]] | None) -> Iterator[PlannedChunk]:
    """Divide a plan into those of its chunks. `needed`: the parts of the file for each chunk, or None for all."""
    for chunk in plan.chunks:
        parts = None if needed is None else tuple((start, end) for start, end in needed[chunk.number])
        yield PlannedChunk(info=info, chunk=chunk, frames=tuple(plan.frames_of(chunk)), parts=parts)
