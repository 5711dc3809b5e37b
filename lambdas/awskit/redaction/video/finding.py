"""The detector as a sandbox calls it."""

from collections.abc import Sequence

from videokit.cells import Samples
from videokit.tracks.detections import Detection
from visionkit.video_faces import find_video_faces


def find(pixels: Samples) -> Sequence[Detection]:
    """Find faces. `pixels`: an upright frame: rows, columns and 8 bits of red, green and blue."""
    return [Detection(box=it.box, score=it.confidence) for it in find_video_faces(pixels)]
