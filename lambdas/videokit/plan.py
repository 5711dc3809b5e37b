"""Divide a video into chunks that are redacted independently and joined without encoding again."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from videokit.faults import VideoFault, VideoRejected
from videokit.packets import PicturePacket


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A part of a video.

    Parameters
    ----------
    number
        From 0, in the order of display.
    decode_from, packets
        The pts of the packet that decoding starts at, and how many packets are decoded.
    start, end
        Its frames have a pts of at least `start` and below `end`. `end` is None for the last one.
    first, frames
        The index of its first frame among all frames of the video in the order of display, and how many it has.
    """

    number: int
    decode_from: int
    packets: int
    start: int
    end: int | None
    first: int
    frames: int

    def as_json(self) -> dict[str, Any]:
        """Return the chunk as `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Chunk":
        """Read what `as_json` returned."""
        return cls(**told)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A frame that viewers see. `pts` and `duration` in ticks."""

    pts: int
    duration: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What viewers see of a video, and how it is divided.

    `frames`: in the order of display.
    """

    frames: Sequence[Frame]
    chunks: Sequence[Chunk]

    def frames_of(self, chunk: Chunk) -> Sequence[Frame]:
        """Return the frames of a chunk."""
        return self.frames[chunk.first : chunk.first + chunk.frames]

    def as_json(self) -> dict[str, Any]:
        """Return the plan as `from_json` reads it."""
        return {
            "pts": [it.pts for it in self.frames],
            "durations": [it.duration for it in self.frames],
            "chunks": [it.as_json() for it in self.chunks],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Plan":
        """Read what `as_json` returned."""
        times = zip(told["pts"], told["durations"], strict=True)
        return cls(
            frames=[Frame(pts=pts, duration=duration) for pts, duration in times],
            chunks=[Chunk.from_json(it) for it in told["chunks"]],
        )


# The longest chunk, in parts of the shortest one.
_MAX_CHUNK = 3


def plan(packets: Sequence[PicturePacket], *, min_ticks: int) -> Plan:
    """Cut a video at key frames.

    A chunk starts at the first key frame that is at least `min_ticks` after the start of the one before. If that key
    frame is not an IDR picture, frames after it can need earlier ones, so decoding starts one key frame earlier.
    If there is no key frame for three times as long, as in recordings of screens, a chunk starts at any frame, and
    decodes those since the last key frame in vain.
    Frames that an edit list hides belong to no chunk. Neither do those before the first key frame in the order of
    display: they need a picture that the file does not have.

    `packets`: in the order of decoding.

    Raises
    ------
    VideoRejected
        DAMAGED, if there is no key frame, nothing is visible, or a frame is stored before the key frame that it needs.
    """
    keys = [it for it in packets if it.is_key]
    if not keys:
        raise VideoRejected(VideoFault.DAMAGED, detail={"key frames": 0})
    frames = _visible(packets, from_pts=keys[0].pts)
    if not frames:
        raise VideoRejected(VideoFault.DAMAGED, detail={"frames": 0})
    starts = _starts(keys, frames=frames, min_ticks=min_ticks)
    times = [frame.pts for frame in frames]
    edges = [*(bisect_left(times, it.pts) for it in starts), len(frames)]
    key_places = {it.pts: at for at, it in reversed(list(enumerate(packets))) if it.is_key}
    places = {it.pts: at for at, it in enumerate(packets) if not it.is_hidden}
    chunks = []
    for number, (start, (first, end)) in enumerate(zip(starts, pairwise(edges), strict=True)):
        decode_from = _decode_from(start.key, keys=keys)
        stored = [places[pts] for pts in times[first:end]]
        if min(stored) < key_places[decode_from]:
            raise VideoRejected(VideoFault.DAMAGED, detail={"key_frame_pts": decode_from})
        chunks.append(
            Chunk(
                number=number,
                decode_from=decode_from,
                packets=max(stored) - key_places[decode_from] + 1,
                start=times[first],
                end=times[end] if end < len(frames) else None,
                first=first,
                frames=end - first,
            )
        )
    return Plan(frames=frames, chunks=chunks)


def _visible(packets: Sequence[PicturePacket], *, from_pts: int) -> Sequence[Frame]:
    shown = sorted((it for it in packets if not it.is_hidden and it.pts >= from_pts), key=lambda it: it.pts)
    return [
        Frame(pts=it.pts, duration=it.duration or 1 if after is None else after.pts - it.pts)
        for it, after in pairwise([*shown, None])
        if it is not None
    ]


@dataclass(frozen=True, kw_only=True)
class _Start:
    """Where a chunk starts, and the key frame that its first frame needs."""

    pts: int
    key: PicturePacket


def _starts(keys: Sequence[PicturePacket], *, frames: Sequence[Frame], min_ticks: int) -> Sequence[_Start]:
    """Return where chunks start. The first key frame may be hidden itself."""
    rising = sorted(keys, key=lambda it: it.pts)
    times = [it.pts for it in rising]
    starts: list[_Start] = []
    for frame in frames:
        before = bisect_right(times, frame.pts) - 1
        key = rising[max(0, before)]
        needed = min_ticks if key.pts == frame.pts else max(1, min_ticks) * _MAX_CHUNK
        if not starts or frame.pts - starts[-1].pts >= needed:
            starts.append(_Start(pts=frame.pts, key=key))
    return starts


def _decode_from(key: PicturePacket, *, keys: Sequence[PicturePacket]) -> int:
    if key.is_idr:
        return key.pts
    at = keys.index(key)
    return keys[max(0, at - 1)].pts
