"""Lead tracks that break to the faces that theirs may have become, however far those are.

Linking follows a face for about its own width between two looks. One that moves further has a track for each detection.
What lies between those is covered, although nobody looked there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagekit.geometry import Box
from videokit.tracks.boxes import growth, shift
from videokit.tracks.timeline import ROUNDING_SECONDS, Timeline

Seen = Mapping[int, Box]

# Between two looks that follow one another, a face can get to anywhere. Of one that was missed in between, this is the
# greatest speed, in widths or heights of the frame a second.
_MAX_SPEED = 1.0
# A face at the edge of the frame is found when half of it is to be seen.
_MAX_GROWTH = 3.0


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


def with_leaps(tracks: Sequence[Seen], *, shot: Shot) -> Sequence[Seen]:
    """Lead the end of each track to the nearest beginning of another, and each beginning to the nearest end.

    Two that are the nearest to one another become one track, so that its cells are sampled once.

    `tracks`: of the shot, each in the order of its frames.
    """
    firsts, lasts = _ends(tracks, which=min), _ends(tracks, which=max)
    after, before = {}, {}
    for it in lasts:
        begun = _within(firsts, it.frame + 1, shot.reached(it.frame).stop)
        after[it.track] = _nearest(it, [other for other in begun if _can_be_one(it, other, shot=shot)], shot=shot)
    for it in firsts:
        ended = _within(lasts, shot.reached(it.frame).start, it.frame)
        before[it.track] = _nearest(it, [other for other in ended if _can_be_one(other, it, shot=shot)], shot=shot)
    led = [dict(it) for it in tracks]
    for track, nearest in [*after.items(), *before.items()]:
        if nearest is not None:
            led[track][nearest.frame] = nearest.box
    return _joined(led, after=after, before=before)


def _joined(
    led: Sequence[dict[int, Box]], *, after: Mapping[int, _End | None], before: Mapping[int, _End | None]
) -> Sequence[Seen]:
    """Put together the tracks that are the nearest to one another."""
    continues = {
        track: other.track
        for track, other in after.items()
        if other is not None and (back := before[other.track]) is not None and back.track == track
    }
    made = []
    for track in sorted(set(range(len(led))) - set(continues.values())):
        whole, at = led[track], track
        while at in continues:
            at = continues[at]
            whole |= led[at]
        made.append(dict(sorted(whole.items())))
    return made


def _ends(tracks: Sequence[Seen], *, which: Callable[[Iterable[int]], int]) -> Sequence[_End]:
    """Return the first or the last detection of each track, by its frame."""
    ends = [_End(track=number, frame=which(it), box=it[which(it)]) for number, it in enumerate(tracks)]
    return sorted(ends, key=lambda it: it.frame)


def _within(ends: Sequence[_End], start: int, stop: int) -> Sequence[_End]:
    return ends[bisect_left(ends, start, key=lambda it: it.frame) : bisect_left(ends, stop, key=lambda it: it.frame)]


def _can_be_one(end: _End, first: _End, *, shot: Shot) -> bool:
    if growth(end.box, first.box) > _MAX_GROWTH:
        return False
    most = _MAX_SPEED * shot.seconds_between(end.frame, first.frame)
    return shot.are_neighbours(end.frame, first.frame) or shift(end.box, first.box) <= most


def _nearest(end: _End, others: Sequence[_End], *, shot: Shot) -> _End | None:
    """Return the nearest one in place and time: a frame's width counts as a second."""
    return min(
        others,
        key=lambda it: (shift(end.box, it.box) + shot.seconds_between(end.frame, it.frame), it.frame, it.track),
        default=None,
    )
