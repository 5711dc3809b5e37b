"""Link detections of one face in different frames into tracks."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from imagekit.geometry import Box
from videokit.tracks.boxes import STILL, Motion, growth, motion_between, moved, overlap
from videokit.tracks.detections import Detection
from videokit.tracks.leaps import Shot, with_leaps
from videokit.tracks.timeline import ROUNDING_SECONDS, Timeline

START_SCORE = 0.4
"""A detection of this score or more is a face, even if no other frame shows it."""

CONTINUE_SCORE = 0.15
"""A detection of this score or more is a face if it continues a track."""

BRIDGE_SECONDS = 1.0
"""The longest time without a detection within a track, if frames are not further apart themselves."""

# One frame without a detection is bridged in any case. Where two frames take longer than BRIDGE_SECONDS, every frame is
# looked at.
_BRIDGE_FRAMES = 2

# Boxes of one face in frames a tenth of a second apart overlap by more than this, unless it moves very fast.
_MIN_OVERLAP = 0.2
# A fast face: its centre is at most this many box sizes from the predicted one, and its size has changed by at most
# this factor. Both limits grow with each second that it was missed, beyond the time between two looks.
_MAX_SHIFT = 1.0
_MAX_SHIFT_A_SECOND = 3.5
_MAX_GROWTH = 2.0
_MAX_GROWTH_A_SECOND = 1.0
_BETWEEN_LOOKS_SECONDS = 0.15
# The best match of boxes that do not overlap.
_NEAR = 1.0


@dataclass(frozen=True, kw_only=True)
class Track:
    """One face over time.

    `seen`: the detected boxes by the index of their frame, rising. All frames are of one shot.
    """

    seen: Mapping[int, Box]


def link(detections: Mapping[int, Sequence[Detection]], *, timeline: Timeline) -> Sequence[Track]:
    """Link detections into tracks.

    A track starts at START_SCORE. It continues, forwards and then backwards in time, with detections from
    CONTINUE_SCORE on that are where its motion leads, after at most BRIDGE_SECONDS or one frame. No track crosses a
    cut. Which track a detection belongs to never decides whether it is covered: every detection of START_SCORE is in
    one. A track that nothing continues is led to the nearest face that it may be, however far that is.

    `detections`: what was found, by the index of the frame. A frame that was looked at and shows nothing has none.

    Returns the tracks in the order of their first frame.
    """
    tracks: list[Track] = []
    for shot in timeline.shots:
        here = {
            frame: [it for it in detections[frame] if it.score >= CONTINUE_SCORE]
            for frame in shot
            if detections.get(frame)
        }
        looks = [frame for frame in shot if frame in detections]
        tracks.extend(_link_shot(here, looks=looks, timeline=timeline))
    return sorted(tracks, key=lambda it: (min(it.seen), *_edges(it.seen[min(it.seen)])))


def can_continue(box: Box, other: Box, *, seconds: float) -> bool:
    """Decide whether two boxes can be one face after so many seconds, if nothing is known of how it moves."""
    return _match(box, other, last=box, seconds=seconds) > 0


@dataclass(kw_only=True)
class _Growing:
    """A track that is being made, in one direction of time."""

    seen: dict[int, Box]
    at: int
    motion: Motion = STILL

    def predicted(self, frame: int, *, timeline: Timeline) -> Box:
        return moved(self.seen[self.at], self.motion, seconds=timeline.times[frame] - timeline.times[self.at])

    def match(self, box: Box, *, frame: int, timeline: Timeline) -> float:
        seconds = abs(timeline.times[frame] - timeline.times[self.at])
        return _match(self.predicted(frame, timeline=timeline), box, last=self.seen[self.at], seconds=seconds)

    def add(self, frame: int, box: Box, *, timeline: Timeline) -> None:
        seconds = timeline.times[frame] - timeline.times[self.at]
        self.motion = motion_between(self.seen[self.at], box, seconds=seconds)
        self.seen[frame] = box
        self.at = frame


@dataclass(kw_only=True)
class _Pool:
    """The detections of a shot that are in no track yet."""

    left: dict[int, list[Detection]] = field(default_factory=dict)


def _link_shot(
    detections: Mapping[int, Sequence[Detection]], *, looks: Sequence[int], timeline: Timeline
) -> Sequence[Track]:
    pool = _Pool(left={frame: list(found) for frame, found in detections.items()})
    tracks: list[_Growing] = []
    for frame in sorted(pool.left):
        tracks.extend(_continue(tracks, frame, pool=pool, timeline=timeline))
        starts = [it for it in pool.left[frame] if it.score >= START_SCORE]
        pool.left[frame] = [it for it in pool.left[frame] if it.score < START_SCORE]
        tracks.extend(_Growing(seen={frame: it.box}, at=frame) for it in starts)
    _turn(tracks, timeline=timeline)
    for frame in sorted(pool.left, reverse=True):
        behind = [it for it in tracks if it.at > frame]
        tracks.extend(_continue(behind, frame, pool=pool, timeline=timeline))
    seen = _without_parts([dict(sorted(it.seen.items())) for it in tracks])
    by_frame = _by_frame(seen)
    leapt = with_leaps(seen, shot=Shot(timeline=timeline, looks=looks, seconds=BRIDGE_SECONDS))
    return [Track(seen=_with_ends(track, by_frame, timeline=timeline)) for track in leapt]


def _by_frame(seen: Sequence[Mapping[int, Box]]) -> Mapping[int, Sequence[Box]]:
    boxes: dict[int, list[Box]] = {}
    for track in seen:
        for frame, box in track.items():
            boxes.setdefault(frame, []).append(box)
    return dict(sorted(boxes.items()))


def _without_parts(seen: Sequence[Mapping[int, Box]]) -> Sequence[Mapping[int, Box]]:
    """Leave out tracks that are a part of another one, or the same."""
    whole: list[Mapping[int, Box]] = []
    for track in sorted(seen, key=len, reverse=True):
        if not any(track.items() <= other.items() for other in whole):
            whole.append(track)
    return whole


def _with_ends(
    track: Mapping[int, Box], by_frame: Mapping[int, Sequence[Box]], *, timeline: Timeline
) -> Mapping[int, Box]:
    """Lead a track to the detections that it may have come from and gone to, though they are in other tracks.

    Linking can fail where faces were missed. The time between is covered all the same.

    `by_frame`: the boxes of all tracks of the shot.
    """
    first, last = min(track), max(track)
    frames = list(by_frame)
    start, end = _bridged(first, timeline=timeline).start, _bridged(last, timeline=timeline).stop
    before = frames[bisect_left(frames, start) : bisect_left(frames, first)]
    after = frames[bisect_right(frames, last) : bisect_left(frames, end)]
    ends = [
        *_likeliest(before, by_frame, frame=first, box=track[first], timeline=timeline),
        *_likeliest(after, by_frame, frame=last, box=track[last], timeline=timeline),
    ]
    return dict(sorted({**track, **dict(ends)}.items()))


def _likeliest(
    candidates: Sequence[int], by_frame: Mapping[int, Sequence[Box]], *, frame: int, box: Box, timeline: Timeline
) -> Sequence[tuple[int, Box]]:
    rated = [
        (_match(box, it, last=box, seconds=abs(timeline.times[frame] - timeline.times[at])), at, it)
        for at in candidates
        for it in by_frame[at]
    ]
    match, at, found = max(rated, key=lambda it: it[:2], default=(0.0, frame, box))
    return [(at, found)] if match > 0 else []


def _turn(tracks: Sequence[_Growing], *, timeline: Timeline) -> None:
    """Make tracks grow towards the beginning, from their first frame."""
    for track in tracks:
        first, *later = sorted(track.seen)
        track.at = first
        track.motion = (
            motion_between(
                track.seen[first], track.seen[later[0]], seconds=timeline.times[later[0]] - timeline.times[first]
            )
            if later
            else STILL
        )


def _continue(tracks: Sequence[_Growing], frame: int, *, pool: _Pool, timeline: Timeline) -> Sequence[_Growing]:
    """Give the detections of a frame to the tracks that they continue, the best match first.

    Returns the tracks that end here all the same, to be continued where they were: a match without an overlap may be
    something else.
    """
    bridged = _bridged(frame, timeline=timeline)
    alive = [it for it in tracks if it.at in bridged]
    matches = sorted(
        (
            (match, number, at)
            for number, track in enumerate(alive)
            for at, found in enumerate(pool.left[frame])
            if (match := track.match(found.box, frame=frame, timeline=timeline)) > 0
        ),
        key=lambda it: (-it[0], it[1], it[2]),
    )
    taken: set[int] = set()
    continued: set[int] = set()
    left: list[_Growing] = []
    for match, number, at in matches:
        if number not in continued and at not in taken:
            if match <= _NEAR:
                left.append(replace(alive[number], seen=dict(alive[number].seen)))
            alive[number].add(frame, pool.left[frame][at].box, timeline=timeline)
            continued.add(number)
            taken.add(at)
    pool.left[frame] = [it for at, it in enumerate(pool.left[frame]) if at not in taken]
    return left


def _bridged(frame: int, *, timeline: Timeline) -> range:
    """Return the frames from which and to which a track continues in a frame, if there is nothing between."""
    time, seconds = timeline.times[frame], BRIDGE_SECONDS + ROUNDING_SECONDS
    start, end = bisect_left(timeline.times, time - seconds), bisect_right(timeline.times, time + seconds)
    return range(min(start, frame - _BRIDGE_FRAMES), max(end, frame + _BRIDGE_FRAMES + 1))


def _match(predicted: Box, found: Box, *, last: Box, seconds: float) -> float:
    """Say how well a detection continues a track: 0 not at all, 1 to 2 by its overlap, up to 1 by its distance."""
    best = max(overlap(predicted, found), overlap(last, found))
    if best >= _MIN_OVERLAP:
        return _NEAR + best
    nearness = max(_nearness(predicted, found, seconds=seconds), _nearness(last, found, seconds=seconds))
    return nearness if nearness > 0 else 0.0


def _nearness(one: Box, other: Box, *, seconds: float) -> float:
    missed = max(0.0, seconds - _BETWEEN_LOOKS_SECONDS)
    width, height = one.right - one.left, one.bottom - one.top
    other_width, other_height = other.right - other.left, other.bottom - other.top
    if growth(one, other) > _MAX_GROWTH + _MAX_GROWTH_A_SECOND * missed:
        return 0.0
    across = abs(one.left + one.right - other.left - other.right) / (width + other_width)
    down = abs(one.top + one.bottom - other.top - other.bottom) / (height + other_height)
    return 1 - max(across, down) / (_MAX_SHIFT + _MAX_SHIFT_A_SECOND * missed)


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
