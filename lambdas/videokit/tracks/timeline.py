"""The frames of a video in time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

ROUNDING_SECONDS = 1e-9
"""What a difference of two times can be wrong by. Add it to every limit."""


@dataclass(frozen=True)
class Timeline:
    """When each frame of a video is shown.

    Parameters
    ----------
    times
        Seconds, of each frame in the order of display. They rise.
    cuts
        Indices of the frames that begin a new shot, rising. Frame 0 begins one in any case.

    Raises
    ------
    ValueError
        If there are no frames, times do not rise, or a cut is not the index of a later frame.
    """

    times: Sequence[float]
    cuts: Sequence[int] = ()

    def __post_init__(self) -> None:
        if not self.times:
            raise ValueError("A timeline has no frames.")
        if any(later <= earlier for earlier, later in pairwise(self.times)):
            raise ValueError("The times of a timeline do not rise.")
        if any(later <= earlier for earlier, later in pairwise([0, *self.cuts])) or self.last < max(
            self.cuts, default=0
        ):
            raise ValueError("The cuts of a timeline must be rising indices of its frames, without 0.")

    @cached_property
    def array(self) -> npt.NDArray[np.float64]:
        """The times."""
        return np.array(self.times, dtype=np.float64)

    @property
    def last(self) -> int:
        """The index of the last frame."""
        return len(self.times) - 1

    @cached_property
    def shots(self) -> Sequence[range]:
        """The indices of the frames of each shot."""
        edges = [0, *self.cuts, len(self.times)]
        return [range(first, end) for first, end in pairwise(edges)]

    def shot_of(self, frame: int) -> range:
        """Return the shot that a frame belongs to."""
        return self.shots[bisect_right(self.cuts, frame)]
