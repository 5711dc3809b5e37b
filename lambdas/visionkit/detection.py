"""The result of a detector. It does not need OpenCV."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PeopleDetection:
    """The people that a detector found.

    `confidence`: the highest confidence of any detection, 0 to 1, even if it is too low to count.
    `people`: at least how many people there are, counting detections of sufficient confidence.
    """

    confidence: float
    people: int
