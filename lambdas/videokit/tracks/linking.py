"""Link detections of one face in different frames into tracks."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagekit.geometry import Box
from videokit.tracks.boxes import Edges, Floats, edges_of, heights, moved, overlaps, widths
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
    edges = edges_of([box])
    return bool(_match(edges, edges_of([other]), last=edges, seconds=np.array([seconds]))[0] > 0)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A detection in a track, and the one that was added before it. Tracks with a common beginning share it."""

    frame: int
    box: Box
    before: "_Seen | None"


@dataclass(kw_only=True)
class _Growing:
    """A track that is being made, in one direction of time.

    `first`, `second`: its earliest detections. `last`: what was added last forwards. `early`: what was added last
    backwards, or None. `at`, `box`: where it grows, and `earlier_at`, `earlier_box`: what its motion is from, or None.
    `is_rest`: whether it has only what another track has too.
    """

    first: tuple[int, Box]
    second: tuple[int, Box] | None = None
    last: _Seen
    early: _Seen | None = None
    at: int
    box: Box
    origin: tuple[int, Box] | None = None
    is_rest: bool = False

    @classmethod
    def of(cls, frame: int, box: Box) -> "_Growing":
        """Start a track."""
        return cls(first=(frame, box), last=_Seen(frame, box, None), at=frame, box=box)

    def add_later(self, frame: int, box: Box) -> None:
        """Add what follows."""
        self.second = self.second or (frame, box)
        self.last = _Seen(frame, box, self.last)
        self._grow(frame, box)

    def add_earlier(self, frame: int, box: Box) -> None:
        """Add what precedes."""
        self.early = _Seen(frame, box, self.early)
        self._grow(frame, box)

    def _grow(self, frame: int, box: Box) -> None:
        self.origin = (self.at, self.box)
        self.at, self.box, self.is_rest = frame, box, False

    def turn(self) -> None:
        """Grow towards the beginning from now on, from the first detection."""
        (self.at, self.box), self.origin = self.first, self.second

    def seen(self) -> dict[int, Box]:
        """Return all detections, rising."""
        early, late = list(_backwards(self.early)), list(_backwards(self.last))
        return {it.frame: it.box for it in (*early, *reversed(late))}


def _backwards(seen: _Seen | None) -> Iterator[_Seen]:
    while seen is not None:
        yield seen
        seen = seen.before


def _link_shot(
    detections: Mapping[int, Sequence[Detection]], *, looks: Sequence[int], timeline: Timeline
) -> Sequence[Track]:
    # The detections that are in no track yet.
    left = {frame: list(detections[frame]) for frame in sorted(detections)}
    tracks = _forwards(left, timeline=timeline)
    for it in tracks:
        it.turn()
    tracks.extend(_backwards_in_time(tracks, left, timeline=timeline))
    # What a track has left behind and nothing continued is a part of that track.
    seen = _without_parts([it.seen() for it in tracks if not it.is_rest])
    by_frame = _by_frame(seen)
    frames = list(by_frame)
    leapt = with_leaps(seen, shot=Shot(timeline=timeline, looks=looks, seconds=BRIDGE_SECONDS))
    return [Track(seen=_with_ends(track, by_frame, frames=frames, timeline=timeline)) for track in leapt]


def _forwards(left: dict[int, list[Detection]], *, timeline: Timeline) -> list[_Growing]:
    tracks: list[_Growing] = []
    alive: list[_Growing] = []
    for frame in left:
        bridged = _bridged(frame, timeline=timeline)
        alive = [it for it in alive if it.at in bridged]
        matches = _matches(alive, frame, left=left, timeline=timeline)
        rests = [_left_behind(it) for it, _, match in matches if match <= _NEAR]
        for it, box, _ in matches:
            it.add_later(frame, box)
        started = [_Growing.of(frame, it.box) for it in left[frame] if it.score >= START_SCORE]
        left[frame] = [it for it in left[frame] if it.score < START_SCORE]
        alive += [*rests, *started]
        tracks += [*rests, *started]
    return tracks


def _backwards_in_time(
    tracks: Sequence[_Growing], left: dict[int, list[Detection]], *, timeline: Timeline
) -> list[_Growing]:
    """Make tracks grow towards the beginning. Returns those that are left behind."""
    made: list[_Growing] = []
    waiting = sorted(enumerate(tracks), key=lambda it: it[1].at)
    alive: list[tuple[int, _Growing]] = []
    for frame in reversed(left):
        if not left[frame]:
            continue
        bridged = _bridged(frame, timeline=timeline)
        while waiting and waiting[-1][1].at > frame:
            alive.append(waiting.pop())
        alive = sorted((it for it in alive if it[1].at in bridged), key=lambda it: it[0])
        matches = _matches([it for _, it in alive], frame, left=left, timeline=timeline)
        rests = [_left_behind(it) for it, _, match in matches if match <= _NEAR]
        for it, box, _ in matches:
            it.add_earlier(frame, box)
        alive += enumerate(rests, start=len(tracks) + len(made))
        made += rests
    return made


def _left_behind(track: _Growing) -> _Growing:
    """Return a track that ends here, to be continued too: a match without an overlap may be something else."""
    return replace(track, is_rest=True)


def _by_frame(seen: Sequence[Mapping[int, Box]]) -> Mapping[int, Sequence[Box]]:
    boxes: dict[int, list[Box]] = {}
    for track in seen:
        for frame, box in track.items():
            boxes.setdefault(frame, []).append(box)
    return dict(sorted(boxes.items()))


def _without_parts(seen: Sequence[Mapping[int, Box]]) -> Sequence[Mapping[int, Box]]:
    """Leave out tracks that are a part of another one, or the same."""
    whole: list[Mapping[int, Box]] = []
    firsts = {next(iter(track.items())) for track in seen}
    # Each first detection, and the whole tracks that have it too.
    having: dict[tuple[int, Box], list[Mapping[int, Box]]] = defaultdict(list)
    for track in sorted(seen, key=len, reverse=True):
        if not any(track.items() <= other.items() for other in having[next(iter(track.items()))]):
            whole.append(track)
            for place in firsts & track.items():
                having[place].append(track)
    return whole


def _with_ends(
    track: Mapping[int, Box],
    by_frame: Mapping[int, Sequence[Box]],
    *,
    frames: Sequence[int],
    timeline: Timeline,
) -> Mapping[int, Box]:
    """Lead a track to the detections that it may have come from and gone to, though they are in other tracks.

    Linking can fail where faces were missed. The time between is covered all the same.

    `by_frame`: the boxes of all tracks of the shot. `frames`: its keys, rising.
    """
    first, last = min(track), max(track)
    start, end = _bridged(first, timeline=timeline).start, _bridged(last, timeline=timeline).stop
    before = frames[bisect_left(frames, start) : bisect_left(frames, first)]
    after = frames[bisect_right(frames, last) : bisect_left(frames, end)]
    return {
        **_likeliest(before, by_frame, frame=first, box=track[first], timeline=timeline),
        **track,
        **_likeliest(after, by_frame, frame=last, box=track[last], timeline=timeline),
    }


def _likeliest(
    candidates: Sequence[int], by_frame: Mapping[int, Sequence[Box]], *, frame: int, box: Box, timeline: Timeline
) -> Mapping[int, Box]:
    """Return the best match, and of equal ones the latest frame's first."""
    places = [(at, it) for at in candidates for it in by_frame[at]]
    if not places:
        return {}
    boxes = edges_of([box])
    seconds = np.abs(timeline.array[frame] - timeline.array[[at for at, _ in places]])
    rated = _match(boxes, edges_of(it for _, it in places), last=boxes, seconds=seconds).tolist()
    match, (at, found) = max(zip(rated, places, strict=True), key=lambda it: (it[0], it[1][0]))
    return {at: found} if match > 0 else {}


def _matches(
    alive: Sequence[_Growing], frame: int, *, left: dict[int, list[Detection]], timeline: Timeline
) -> Sequence[tuple[_Growing, Box, float]]:
    """Take the detections of a frame for the tracks that they continue, the best match first."""
    here = left[frame]
    if not alive or not here:
        return []
    rated = _rated(alive, here, frame=frame, timeline=timeline)
    numbers, places = np.nonzero(rated > 0)
    best = np.lexsort((places, numbers, -rated[numbers, places]))
    continued: set[int] = set()
    taken: set[int] = set()
    matches: list[tuple[_Growing, Box, float]] = []
    for number, at in zip(numbers[best].tolist(), places[best].tolist(), strict=True):
        if number not in continued and at not in taken:
            matches.append((alive[number], here[at].box, float(rated[number, at])))
            continued.add(number)
            taken.add(at)
    left[frame] = [it for at, it in enumerate(here) if at not in taken]
    return matches


def _rated(alive: Sequence[_Growing], here: Sequence[Detection], *, frame: int, timeline: Timeline) -> Floats:
    """Say how well each detection, in a column, continues each track, in a row."""
    times = timeline.array
    origins = [it.origin or (it.at - 1 if it.at else 1, it.box) for it in alive]
    at = [it.at for it in alive]
    last = edges_of(it.box for it in alive)
    motions = (last - edges_of(box for _, box in origins)) / (times[at] - times[[it for it, _ in origins]])[:, None]
    seconds = times[frame] - times[at]
    predicted = moved(last, motions, seconds=seconds)
    found = edges_of(it.box for it in here)
    return _match(predicted[:, None], found[None], last=last[:, None], seconds=np.abs(seconds)[:, None])


def _bridged(frame: int, *, timeline: Timeline) -> range:
    """Return the frames from which and to which a track continues in a frame, if there is nothing between."""
    time, seconds = timeline.times[frame], BRIDGE_SECONDS + ROUNDING_SECONDS
    start, end = bisect_left(timeline.times, time - seconds), bisect_right(timeline.times, time + seconds)
    return range(min(start, frame - _BRIDGE_FRAMES), max(end, frame + _BRIDGE_FRAMES + 1))


def _match(predicted: Edges, found: Edges, *, last: Edges, seconds: Floats) -> Floats:
    """Say how well detections continue tracks: 0 not at all, 1 to 2 by their overlap, up to 1 by their distance."""
    best = np.maximum(overlaps(predicted, found), overlaps(last, found))
    nearness = np.maximum(_nearness(predicted, found, seconds=seconds), _nearness(last, found, seconds=seconds))
    rated: Floats = np.where(best >= _MIN_OVERLAP, _NEAR + best, np.maximum(0.0, nearness))
    return rated


def _nearness(ones: Edges, others: Edges, *, seconds: Floats) -> Floats:
    missed = np.maximum(0.0, seconds - _BETWEEN_LOOKS_SECONDS)
    wide, high, other_wide, other_high = widths(ones), heights(ones), widths(others), heights(others)
    growth = np.maximum.reduce([wide / other_wide, other_wide / wide, high / other_high, other_high / high])
    across = np.abs(ones[..., 0] + ones[..., 2] - others[..., 0] - others[..., 2]) / (wide + other_wide)
    down = np.abs(ones[..., 1] + ones[..., 3] - others[..., 1] - others[..., 3]) / (high + other_high)
    near = 1 - np.maximum(across, down) / (_MAX_SHIFT + _MAX_SHIFT_A_SECOND * missed)
    nearness: Floats = np.where(growth > _MAX_GROWTH + _MAX_GROWTH_A_SECOND * missed, 0.0, near)
    return nearness


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
