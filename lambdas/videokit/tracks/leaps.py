"""Lead tracks that break to the faces that theirs may have become, however far those are.

Linking follows a face for about its own width between two looks. One that moves further has a track for each detection.
What lies between those is covered, although nobody looked there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise

from imagekit.geometry import Box
from videokit.tracks.boxes import growth, overlap, shift
from videokit.tracks.timeline import ROUNDING_SECONDS, Timeline

Seen = Mapping[int, Box]

# Between two looks that follow one another, a face can get to anywhere. Of one that was missed in between, this is the
# greatest speed, in widths or heights of the frame a second.
_MAX_SPEED = 1.0
# A face at the edge of the frame is found when half of it is to be seen.
_MAX_GROWTH = 3.0
# From each end.
_MAX_LEAPS = 8


@dataclass(frozen=True, kw_only=True)
class Shot:
    """When a shot was looked at.

    Parameters
    ----------
    timeline
        That of the video.
    looks
        The frames of the shot that were looked at, rising.
    seconds
        The longest time that a leap takes.
    """

    timeline: Timeline
    looks: Sequence[int]
    seconds: float

    def reached(self, frame: int) -> range:
        """Return the frames to which a face leaps from a frame, before and after it."""
        times, seconds = self.timeline.times, self.seconds + ROUNDING_SECONDS
        return range(bisect_left(times, times[frame] - seconds), bisect_right(times, times[frame] + seconds))

    def seconds_between(self, one: int, other: int) -> float:
        """Return the time between two frames."""
        return abs(self.timeline.times[one] - self.timeline.times[other])

    def are_neighbours(self, earlier: int, later: int) -> bool:
        """Decide whether nobody looked between two frames."""
        return bisect_left(self.looks, later) - bisect_right(self.looks, earlier) <= 0


@dataclass(frozen=True, kw_only=True)
class _End:
    """The first or the last detection of a track."""

    track: int
    frame: int
    box: Box


@dataclass(frozen=True, kw_only=True)
class _Leap:
    """From the end of a track to the beginning of another. `cost`: how unlikely it is."""

    end: _End
    first: _End
    cost: float


def with_leaps(tracks: Sequence[Seen], *, shot: Shot) -> Sequence[Seen]:
    """Lead the end of each track to the nearest beginning of another, and each beginning to the nearest end.

    The nearest pairs become one track, so that its cells are sampled once. Who is nearer to one that has another is led
    there all the same, by a track of two: which of them is right is not known.

    `tracks`: of the shot, each in the order of its frames.
    """
    doubtful = _doubtful(tracks)
    firsts = _by_frame([*_ends(tracks, which=min), *(first for _, first in doubtful)])
    lasts = [*_ends(tracks, which=max), *(end for end, _ in doubtful)]
    leaps = sorted(
        (leap for end in lasts for leap in _leaps(end, firsts, shot=shot)),
        key=lambda it: (it.cost, it.end.frame, it.end.track, it.first.track),
    )
    # What follows one another in a track needs no leap of its own, though it may be where another one leads to.
    continues = {end.track: first.track for end, first in doubtful}
    continued, led_from, led_to = set(continues.values()), set(continues), set(continues.values())
    beside: list[Seen] = []
    for it in leaps:
        end, first = it.end, it.first
        if end.track not in continues and first.track not in continued:
            continues[end.track] = first.track
            continued.add(first.track)
        elif end.track not in led_from or first.track not in led_to:
            beside.append({end.frame: end.box, first.frame: first.box})
        led_from.add(end.track)
        led_to.add(first.track)
    return [*_joined(tracks, continues=continues), *beside]


def _doubtful(tracks: Sequence[Seen]) -> Sequence[tuple[_End, _End]]:
    """Return what follows one another in a track and does not overlap: the second may be another face.

    Their numbers of tracks are below zero.
    """
    pairs = (pair for track in tracks for pair in pairwise(track.items()) if not overlap(*(box for _, box in pair)))
    return [
        (
            _End(track=-1 - number, frame=end[0], box=end[1]),
            _End(track=-1 - number, frame=first[0], box=first[1]),
        )
        for number, (end, first) in enumerate(pairs)
    ]


def _joined(tracks: Sequence[Seen], *, continues: Mapping[int, int]) -> Sequence[Seen]:
    """Put tracks together. `continues`: which track follows which."""
    made = []
    for track in sorted(set(range(len(tracks))) - set(continues.values())):
        whole, at = dict(tracks[track]), track
        while at in continues:
            at = continues[at]
            whole |= tracks[at]
        made.append(whole)
    return made


def _ends(tracks: Sequence[Seen], *, which: Callable[[Iterable[int]], int]) -> Sequence[_End]:
    """Return the first or the last detection of each track."""
    return [_End(track=number, frame=which(it), box=it[which(it)]) for number, it in enumerate(tracks)]


def _by_frame(ends: Sequence[_End]) -> Sequence[_End]:
    return sorted(ends, key=lambda it: it.frame)


def _leaps(end: _End, firsts: Sequence[_End], *, shot: Shot) -> Sequence[_Leap]:
    """Return the nearest leaps from an end, in place, time and size: a frame's width counts as a second."""
    start, stop = (
        bisect_left(firsts, it, key=lambda it: it.frame) for it in (end.frame + 1, shot.reached(end.frame).stop)
    )
    return nsmallest(
        _MAX_LEAPS,
        (
            _Leap(end=end, first=it, cost=_cost(end, it, shot=shot))
            for it in firsts[start:stop]
            if _can_be_one(end, it, shot=shot)
        ),
        key=lambda it: it.cost,
    )


def _can_be_one(end: _End, first: _End, *, shot: Shot) -> bool:
    if growth(end.box, first.box) > _MAX_GROWTH:
        return False
    most = _MAX_SPEED * shot.seconds_between(end.frame, first.frame)
    return shot.are_neighbours(end.frame, first.frame) or shift(end.box, first.box) <= most


def _cost(end: _End, first: _End, *, shot: Shot) -> float:
    seconds = shot.seconds_between(end.frame, first.frame)
    return shift(end.box, first.box) + seconds + growth(end.box, first.box) - 1
