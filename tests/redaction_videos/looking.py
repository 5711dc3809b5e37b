"""Look at a written scene as the workflow does: chunk by chunk, with the detector and the test of cuts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.redaction_videos.scenes import Scene
from tests.redaction_videos.writing import TIME_BASE

from awskit.redaction.video.detecting import look_seconds
from safelight_contracts.redaction.videos import VideoLimits
from videokit.cells import Samples
from videokit.looking import Look, look
from videokit.packets import read_packets
from videokit.plan import plan
from videokit.probe import probe
from videokit.tracks.cuts import is_cut
from videokit.tracks.detections import Detection
from videokit.tracks.timeline import Timeline
from visionkit.video_faces import find_video_faces

_CHUNK_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was found in a scene. `detections`: by the index of the frame that was looked at."""

    detections: Mapping[int, Sequence[Detection]]
    timeline: Timeline


def seen_in(scene: Scene, path: Path, *, seconds: float | None = None) -> Seen:
    """Look at the video of a scene.

    `seconds`: the longest time between two frames that are looked at. Default: as in the workflow.
    """
    info = probe(path, limits=VideoLimits())
    seconds = look_seconds(info) if seconds is None else seconds
    whole = plan(read_packets(path), min_ticks=round(_CHUNK_SECONDS / TIME_BASE))
    how = Look(find=find, is_cut=is_cut, seconds=seconds)
    looked = [look(path, chunk=it, info=info, frames=whole.frames_of(it), how=how) for it in whole.chunks]
    between = [
        chunk.first
        for chunk, (earlier, later) in zip(whole.chunks[1:], pairwise(looked), strict=True)
        if is_cut(earlier.last, later.first)
    ]
    return Seen(
        detections={
            frame: [it.detection for it in found] for chunk in looked for frame, found in sorted(chunk.found.items())
        },
        timeline=Timeline(
            times=[float(time) for time in scene.times],
            cuts=sorted([*between, *(cut for chunk in looked for cut in chunk.cuts)]),
        ),
    )


def find(pixels: Samples) -> Sequence[Detection]:
    """Find faces in an upright frame."""
    return [Detection(box=it.box, score=it.confidence) for it in find_video_faces(pixels)]
