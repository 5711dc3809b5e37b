"""The whole way of a video in one process, as the functions of the workflow make it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from imagekit.geometry import Box
from safelight_contracts.redaction.videos import VideoLimits
from videokit.chunks import Mosaic, redact_chunk
from videokit.info import VideoInfo
from videokit.join import join
from videokit.plan import Plan
from videokit.planning import plan_of
from videokit.probe import probe
from videokit.validate import validate, validate_decodable

LIMITS = VideoLimits()


def planned(source: Path, *, seconds: float) -> tuple[VideoInfo, Plan]:
    """Probe and plan a video with chunks of at least so many seconds."""
    info = probe(source, limits=LIMITS)
    return info, plan_of(source, info=info, seconds=seconds)


def redacted(
    source: Path,
    folder: Path,
    *,
    seconds: float = 1,
    covers: Mapping[int, Sequence[Box | Mosaic]] | None = None,
) -> Path:
    """Redact a video in chunks of at least so many seconds. `covers`: boxes by the pts of the frame."""
    folder.mkdir(exist_ok=True)
    info, whole = planned(source, seconds=seconds)
    parts = []
    for chunk in whole.chunks:
        part = folder / f"{chunk.number}.mp4"
        redact_chunk(source, part, chunk=chunk, info=info, frames=whole.frames_of(chunk), covers=covers or {})
        validate_decodable(part, chunk=chunk)
        parts.append(part)
    destination = folder / f"redacted{source.suffix}"
    join(parts, source, destination, plan=whole, info=info)
    validate(destination, source, plan=whole, info=info, limits=LIMITS)
    return destination
