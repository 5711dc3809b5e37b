"""The results of detectors. They do not need OpenCV."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imagekit.geometry import Box


@dataclass(frozen=True, kw_only=True)
class Found:
    """A body or a face.

    `name`: `Person` for a body, `Face` for a face.
    `confidence`: 0 to 1.
    `box`: where it is. The box may extend beyond the edge of the image.
    """

    name: str
    confidence: float
    box: Box


@dataclass(frozen=True, kw_only=True)
class Detections:
    """What one detector found in a picture.

    `confidence`: the highest confidence of any detection, 0 to 1, even if it is too low to count.
    `found`: the detections of sufficient confidence, the surest first.
    """

    confidence: float
    found: Sequence[Found]


@dataclass(frozen=True, kw_only=True)
class PeopleDetection:
    """The people that a detector found.

    `confidence`: the highest confidence of any detection, 0 to 1, even if it is too low to count.
    `people`: at least how many people there are, counting detections of sufficient confidence.
    `found`: the bodies and faces of sufficient confidence, the surest first.
    """

    confidence: float
    people: int
    found: Sequence[Found]


def surest_first(found: Iterable[Found]) -> Sequence[Found]:
    """Sort detections by their confidence."""
    return sorted(found, key=lambda it: it.confidence, reverse=True)
