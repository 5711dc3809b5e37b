"""The boxes to cover in each frame, for linked tracks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop

import numpy as np
import numpy.typing as npt

from imagekit.geometry import Box
from videokit.tracks.boxes import (
    Edges,
    Floats,
    Motions,
    between,
    box_of,
    edges_of,
    grown,
    heights,
    hull,
    moved,
    overlaps,
    speeds_across,
    speeds_down,
    widths,
)
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
# Covers of so many frames are in memory at the same time.
_FRAMES = 256


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What is covered in one frame.

    `frame`: the index of the frame. `track`: the number of the track, from 0. `box`: it may extend beyond the frame.
    """

    frame: int
    track: int
    box: Box


def cover(tracks: Sequence[Track], *, timeline: Timeline, padding: float) -> Iterator[Cover]:
    """Yield what to cover in each frame: never less than was detected, and never beyond a cut.

    Between two detections of a track its box is covered too, whatever the detector said in between. A box is padded by
    `padding` of its size on each side, and by its movement.

    `padding`: 0 or more, in parts of the box's width and height.

    Yields covers by their frame, then by their track. Those of a long video do not fit into memory.
    """
    ways = [_Way(track, timeline=timeline) for track in tracks]
    waiting = [(way.covered.start, number) for number, way in enumerate(ways)]
    heapify(waiting)
    here: list[int] = []
    for start in range(0, len(timeline.times), _FRAMES):
        frames = range(start, min(start + _FRAMES, len(timeline.times)))
        while waiting and waiting[0][0] < frames.stop:
            here.append(heappop(waiting)[1])
        yield from sorted(
            (
                Cover(frame=frame, track=number, box=box_of(edges))
                for number in here
                for frame, edges in ways[number].covers(frames, padding=padding)
            ),
            key=lambda it: (it.frame, it.track),
        )
        here = [number for number in here if ways[number].covered.stop > frames.stop]


class _Way:
    """Where the box of a track is at any time. `covered`: the frames in which it is covered."""

    def __init__(self, track: Track, *, timeline: Timeline) -> None:
        self._all_times = timeline.array
        frames = list(track.seen)
        self._times = self._all_times[frames]
        found = edges_of(track.seen.values())
        self._motions: Motions = np.diff(found, axis=0) / np.diff(self._times)[:, None]
        if len(found) == 1:
            self._motions = np.zeros((1, 4))
        self._boxes = _with_size(found, times=self._times)
        self.covered = self._covered(first=frames[0], last=frames[-1], shot=timeline.shot_of(frames[0]))

    def covers(self, frames: range, *, padding: float) -> Iterator[tuple[int, Sequence[float]]]:
        """Yield each of the frames in which the face is covered, and the edges of its cover."""
        here = range(max(frames.start, self.covered.start), min(frames.stop, self.covered.stop))
        if not here:
            return
        times = self._all_times[here.start : here.stop]
        boxes = hull(self._at(times - _SMOOTH_SECONDS), self._at(times), self._at(times + _SMOOTH_SECONDS))
        motions, seconds = self._motions_near(times), self._seconds_from_detection(times) * _MOVEMENT
        covers = grown(
            boxes,
            across=widths(boxes) * padding + speeds_across(motions).max(axis=0) * seconds,
            down=heights(boxes) * padding + speeds_down(motions).max(axis=0) * seconds,
        )
        yield from zip(here, covers.tolist(), strict=True)

    def _at(self, times: Floats) -> Edges:
        later = np.searchsorted(self._times, times).clip(1, max(1, len(self._times) - 1))
        if len(self._times) == 1:
            return self._beyond(times - self._times[0], at=0)
        earlier = later - 1
        seconds = self._times[later] - self._times[earlier]
        one, other = self._boxes[earlier], self._boxes[later]
        straight = between(one, other, part=(times - self._times[earlier]) / seconds)
        is_unsure = (seconds > _STRAIGHT_SECONDS + ROUNDING_SECONDS) | (overlaps(one, other) == 0)
        inside = np.where(is_unsure[:, None], hull(one, other), straight)
        before, after = times <= self._times[0], times >= self._times[-1]
        inside[before] = self._beyond(times[before] - self._times[0], at=0)
        inside[after] = self._beyond(times[after] - self._times[-1], at=-1)
        return inside

    def _covered(self, *, first: int, last: int, shot: range) -> range:
        """Return the frames near the detections, and more of them where the face is at the edge of the frame."""
        edge = EDGE_SECONDS + ROUNDING_SECONDS
        start = min(first, int(np.searchsorted(self._all_times, self._times[0] - edge, side="left")))
        stop = int(np.searchsorted(self._all_times, self._times[-1] + edge, side="right"))
        before = np.arange(first - 1, max(shot.start, min(start, first - 1)) - 1, -1)
        after = np.arange(last + 1, min(shot.stop, max(stop, last + 2)))
        return range(first - self._reached(before), last + 1 + self._reached(after))

    def _reached(self, frames: npt.NDArray[np.int_]) -> int:
        """Return in how many frames, one after another from a detection, the face is covered."""
        times = self._all_times[frames]
        beyond = np.maximum(self._times[0] - times, times - self._times[-1])
        boxes = self._at(times)
        is_at_edge = (boxes != boxes.clip(0.0, 1.0)).any(axis=-1)
        reaches = (beyond <= COVER_SECONDS + ROUNDING_SECONDS) | (
            (beyond <= EDGE_SECONDS + ROUNDING_SECONDS) & is_at_edge
        )
        reaches[:1] = True
        return len(frames) if reaches.all() else int(reaches.argmin())

    def _motions_near(self, times: Floats) -> Motions:
        """Return up to three motions around each time, on the first axis."""
        at = np.searchsorted(self._times, times)
        last = len(self._motions) - 1
        return np.stack([self._motions[(at - back).clip(0, last)] for back in (2, 1, 0)])

    def _seconds_from_detection(self, times: Floats) -> Floats:
        at = np.searchsorted(self._times, times)
        last = len(self._times) - 1
        before, after = (np.abs(times - self._times[it.clip(0, last)]) for it in (at - 1, at))
        nearest: Floats = np.minimum(before, after)
        return nearest

    def _beyond(self, seconds: Floats, *, at: int) -> Edges:
        """Cover both a face that goes on moving and one that stands still, with growing margins."""
        growth = _GROWTH * np.minimum(np.abs(seconds), EDGE_SECONDS) / COVER_SECONDS
        boxes = np.broadcast_to(self._boxes[at], (len(seconds), 4))
        both = hull(boxes, moved(boxes, self._motions[at], seconds=seconds))
        return grown(both, across=widths(boxes) * growth, down=heights(boxes) * growth)


def _with_size(found: Edges, *, times: Floats) -> Edges:
    """Return the boxes with room on each side for what each is smaller than the largest one near it."""
    at = np.arange(len(found))
    reach = _KEEPS_SIZE_SECONDS + ROUNDING_SECONDS
    first = np.minimum(np.searchsorted(times, times - reach, side="left"), at - _KEEPS_SIZE_DETECTIONS)
    last = np.maximum(np.searchsorted(times, times + reach, side="right") - 1, at + _KEEPS_SIZE_DETECTIONS)
    near = np.stack([first.clip(0), (last + 1).clip(0, len(found))], axis=-1)
    return grown(
        found,
        across=_largest(widths(found), near=near) - widths(found),
        down=_largest(heights(found), near=near) - heights(found),
    )


def _largest(sizes: Floats, *, near: npt.NDArray[np.int_]) -> Floats:
    """Return the largest of the sizes from each start to before each end."""
    # `reduceat` takes no index behind the last one.
    padded = np.append(sizes, -np.inf)
    largest: Floats = np.maximum.reduceat(padded, near.ravel())[::2]
    return largest
