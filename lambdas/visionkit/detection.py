"""What detectors have seen: a value, which needs no OpenCV."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PeopleDetection:
    """What was seen of people.

    Parameters
    ----------
    confidence
        How sure the surest of all detections is, 0 to 1, whether or not it counts.
    people
        How many there are at least whose confidence counts.
    """

    confidence: float
    people: int
