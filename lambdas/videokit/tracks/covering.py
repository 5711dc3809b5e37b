"""The boxes to cover in each frame, for linked tracks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from imagekit.geometry import Box
from videokit.tracks.boxes import STILL, Motion, between, grown, hull, motion_between, moved, overlap
from videokit.tracks.linking import Track
from videokit.tracks.timeline import ROUNDING_SECONDS, Timeline

COVER_SECONDS = 0.3
"""How long a face is covered before its first and after its last detection, if its shot lasts so long.

One frame is covered there in any case. Look more often than this, so that no face comes in unseen.
"""

EDGE_SECONDS = 1.0
"""How long a face is covered there that comes in or leaves over the edge of the frame: a detector sees no half face."""

# A gap longer than this can hide a turn, so all between the two boxes is covered. So it is if they do not overlap: of
# several faces that move fast, one can be taken for another.
_STRAIGHT_SECONDS = 0.25
# How far, in seconds, the way is smoothed outward to each side: detectors jitter.
_SMOOTH_SECONDS = 0.1
# Of the movement since the nearest detection, the part that is added on each side.
_MOVEMENT = 0.5
# How much a box has grown on each side, in parts of its size, after COVER_SECONDS.
_GROWTH = 0.25
# How far, in seconds, a face keeps its size: of a face that something half hides, a detector finds the other half.
_KEEPS_SIZE_SECONDS = 0.4
# So many detections before and after count in any case.
_KEEPS_SIZE_DETECTIONS = 2


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What is covered in one frame.

    `frame`: the index of the frame. `track`: the number of the track, from 0. `box`: it may extend beyond the frame.
    """

    frame: int
    track: int
    box: Box


def cover(tracks: Sequence[Track], *, timeline: Timeline, padding: float) -> Sequence[Cover]:
    """Return what to cover in each frame: never less than was detected, and never beyond a cut.

    Between two detections of a track its box is covered too, whatever the detector said in between. A box is padded by
    `padding` of its size on each side, and by its movement.

    `padding`: 0 or more, in parts of the box's width and height.

    Returns covers by their frame, then by their track.
    """
    covers = [
        Cover(frame=frame, track=number, box=box)
        for number, track in enumerate(tracks)
        for frame, box in _of_track(track, timeline=timeline, padding=padding)
    ]
    return sorted(covers, key=lambda it: (it.frame, it.track))


def _of_track(track: Track, *, timeline: Timeline, padding: float) -> Iterator[tuple[int, Box]]:
    way = _Way(track, timeline=timeline)
    shot = timeline.shot_of(way.frames[0])
    before = takewhile(way.reaches, range(way.frames[0] - 1, shot.start - 1, -1))
    after = takewhile(way.reaches, range(way.frames[0], shot.stop))
    for frame in (*before, *after):
        at = timeline.times[frame]
        box = hull([way.at(at - _SMOOTH_SECONDS), way.at(at), way.at(at + _SMOOTH_SECONDS)])
        motions, seconds = way.motions_near(at), way.seconds_from_detection(at) * _MOVEMENT
        yield (
            frame,
            grown(
                box,
                across=(box.right - box.left) * padding + max(it.across for it in motions) * seconds,
                down=(box.bottom - box.top) * padding + max(it.down for it in motions) * seconds,
            ),
        )


class _Way:
    """Where the box of a track is at any time."""

    def __init__(self, track: Track, *, timeline: Timeline) -> None:
        self.frames = list(track.seen)
        self._timeline = timeline
        self._times = [timeline.times[frame] for frame in self.frames]
        found = list(track.seen.values())
        self._motions: list[Motion] = [
            motion_between(found[i], found[i + 1], seconds=self._times[i + 1] - self._times[i])
            for i in range(len(found) - 1)
        ] or [STILL]
        self._boxes = [_with_size(box, near=found[self._near(at)]) for at, box in enumerate(found)]

    def at(self, time: float) -> Box:
        if time <= self._times[0]:
            return self._beyond(time - self._times[0], box=self._boxes[0], motion=self._motions[0])
        if time >= self._times[-1]:
            return self._beyond(time - self._times[-1], box=self._boxes[-1], motion=self._motions[-1])
        later = bisect_left(self._times, time)
        earlier = later - 1
        seconds = self._times[later] - self._times[earlier]
        ends = self._boxes[earlier : later + 1]
        if seconds > _STRAIGHT_SECONDS + ROUNDING_SECONDS or not overlap(*ends):
            return hull(ends)
        return between(self._boxes[earlier], self._boxes[later], part=(time - self._times[earlier]) / seconds)

    def reaches(self, frame: int) -> bool:
        """Decide whether the face is covered in a frame: near its detections, and longer at the edge of the frame."""
        time = self._timeline.times[frame]
        beyond = max(self._times[0] - time, time - self._times[-1])
        is_next = self.frames[0] - 1 <= frame <= self.frames[-1] + 1
        if is_next or beyond <= COVER_SECONDS + ROUNDING_SECONDS:
            return True
        if beyond > EDGE_SECONDS + ROUNDING_SECONDS:
            return False
        box = self.at(time)
        return box != box.cut()

    def _near(self, at: int) -> slice:
        """Return the detections near one of them."""
        first = bisect_left(self._times, self._times[at] - _KEEPS_SIZE_SECONDS - ROUNDING_SECONDS)
        last = bisect_right(self._times, self._times[at] + _KEEPS_SIZE_SECONDS + ROUNDING_SECONDS) - 1
        return slice(max(0, min(first, at - _KEEPS_SIZE_DETECTIONS)), max(last, at + _KEEPS_SIZE_DETECTIONS) + 1)

    def motions_near(self, time: float) -> Sequence[Motion]:
        at = bisect_left(self._times, time)
        return self._motions[max(0, at - 2) : at + 1] or self._motions[-1:]

    def seconds_from_detection(self, time: float) -> float:
        at = bisect_left(self._times, time)
        return min(abs(time - it) for it in self._times[max(0, at - 1) : at + 1])

    @staticmethod
    def _beyond(seconds: float, *, box: Box, motion: Motion) -> Box:
        """Cover both a face that goes on moving and one that stands still, with growing margins."""
        growth = _GROWTH * min(abs(seconds), EDGE_SECONDS) / COVER_SECONDS
        both = hull([box, moved(box, motion, seconds=seconds)])
        return grown(both, across=(box.right - box.left) * growth, down=(box.bottom - box.top) * growth)


def _with_size(box: Box, *, near: Sequence[Box]) -> Box:
    """Return the box with room on each side for what it is smaller than the largest one near it."""
    return grown(
        box,
        across=max(it.right - it.left for it in near) - (box.right - box.left),
        down=max(it.bottom - it.top for it in near) - (box.bottom - box.top),
    )
