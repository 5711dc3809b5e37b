"""The frames of a video in time, and which of them a detector looks at."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

# Seconds. Differences of times are not exact.
_ROUNDING = 1e-9


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


def frames_to_look_at(timeline: Timeline, *, seconds: float) -> Sequence[int]:
    """Choose the frames that a detector looks at.

    Both sides of each cut and the first and the last frame are among them, so that a face in the first frame of a shot
    is never found too late.

    `seconds`: the longest time between two chosen frames of a shot, if the frames are not further apart themselves. 0
    chooses every frame.

    Returns indices, rising.
    """
    chosen = []
    for shot in timeline.shots:
        at = shot.start
        chosen.append(at)
        for frame in shot[1:-1]:
            if timeline.times[frame + 1] - timeline.times[at] > seconds + _ROUNDING:
                chosen.append(frame)
                at = frame
        if len(shot) > 1:
            chosen.append(shot[-1])
    return chosen
