"""What a detector found in a frame."""

from dataclasses import dataclass
from math import isfinite

from imagekit.geometry import Box


@dataclass(frozen=True, kw_only=True)
class Detection:
    """A face, or what a detector takes for one.

    Parameters
    ----------
    box
        Where it is in the upright frame. It may extend beyond the edges.
    score
        The confidence, 0 to 1.

    Raises
    ------
    ValueError
        If a number is not finite, the score is not in its range, or the box has no area. Such an answer is malformed:
        it does not say that there is no face.
    """

    box: Box
    score: float

    def __post_init__(self) -> None:
        edges = (self.box.left, self.box.top, self.box.right, self.box.bottom)
        if not all(isfinite(it) for it in (*edges, self.score)):
            raise ValueError("A detection has a number that is not finite.")
        if not 0 <= self.score <= 1:
            raise ValueError("The score of a detection is not between 0 and 1.")
        if self.box.left >= self.box.right or self.box.top >= self.box.bottom:
            raise ValueError("The box of a detection is empty.")
