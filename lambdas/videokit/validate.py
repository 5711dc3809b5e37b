"""Validate a redacted video before anybody gets it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise, zip_longest
from pathlib import Path

import av
from av.video.reformatter import ColorRange

from safelight_contracts.redaction.videos import VideoLimits
from videokit.faults import OutputFault, OutputInvalidError, VideoRejected
from videokit.info import Container, VideoInfo
from videokit.opening import container_of, opened, picture_of
from videokit.packets import read_packets
from videokit.plan import Chunk, Frame, Plan
from videokit.probe import probe
from videokit.sound import sound_of, sound_packets, stored_packets
from videokit.sound_header import header_of_sound

# Times of Matroska are rounded to milliseconds, and tracks of sound may count them too.
_ROUNDING_SECONDS = 0.001


def validate(path: Path, source: Path, *, plan: Plan, info: VideoInfo, limits: VideoLimits) -> None:
    """Validate that a joined video has the planned frames and the source's sound, and nothing else.

    The picture's bit stream is not decoded further than its first frame: see `validate_decodable`.

    Raises
    ------
    OutputInvalidError
        With the first fault that is found.
    VideoRejected
        If the source's sound cannot be read.
    """
    has_sound = _has_sound(source)
    try:
        _validate_streams(path, has_sound=has_sound)
        _validate_picture(path, info=info, limits=limits)
        _validate_frames(path, frames=plan.frames, limits=limits)
    except VideoRejected as rejection:
        raise OutputInvalidError(OutputFault.UNREADABLE, detail={"reason": rejection.reason}) from rejection
    if has_sound:
        _validate_sound(path, source)


def validate_decodable(path: Path, *, chunk: Chunk) -> None:
    """Decode a redacted chunk, and validate that all its frames are there and none of them is damaged.

    Chunks are joined without a change of their bit stream, so that this can be done for each chunk on its own.

    Raises
    ------
    OutputInvalidError
        FRAME_COUNT or UNDECODABLE.
    """
    count = 0
    try:
        with opened(path) as container:
            stream = picture_of(container)
            stream.codec_context.thread_count = 1
            for frame in container.decode(stream):
                if frame.is_corrupt:
                    raise OutputInvalidError(OutputFault.UNDECODABLE, detail={"chunk": chunk.number, "frame": count})
                count += 1
    except (av.FFmpegError, VideoRejected) as error:
        raise OutputInvalidError(OutputFault.UNDECODABLE, detail={"chunk": chunk.number}) from error
    if count != chunk.frames:
        detail = {"chunk": chunk.number, "frames": count, "planned": chunk.frames}
        raise OutputInvalidError(OutputFault.FRAME_COUNT, detail=detail)


def _has_sound(path: Path) -> bool:
    with opened(path) as container:
        return sound_of(container) is not None


def _validate_streams(path: Path, *, has_sound: bool) -> None:
    with opened(path) as container:
        kinds = [it.type for it in container.streams]
        chapters = len(container.chapters())
    if kinds != ["video", *["audio"] * has_sound] or chapters:
        raise OutputInvalidError(OutputFault.STREAMS, detail={"streams": kinds, "chapters": chapters})


def _validate_picture(path: Path, *, info: VideoInfo, limits: VideoLimits) -> None:
    made, planned = _with_range(probe(path, limits=limits)), _with_range(info)
    for name in (
        "container",
        "width",
        "height",
        "matrix",
        "sample_aspect_ratio",
        "time_base",
        "color_range",
        "color_primaries",
        "color_transfer",
        "color_matrix",
    ):
        if getattr(made, name) != getattr(planned, name):
            raise OutputInvalidError(OutputFault.PICTURE, detail={"differs": name})


def _with_range(info: VideoInfo) -> VideoInfo:
    """Let an unspecified range be the limited one.

    HEVC and Matroska state a range where no other colour is known, and x264 does not write the limited one alone.
    """
    return replace(info, color_range=info.color_range or ColorRange.MPEG)


def _validate_frames(path: Path, *, frames: Sequence[Frame], limits: VideoLimits) -> None:
    packets = read_packets(path, limits=limits)
    if not packets[0].is_idr:
        raise OutputInvalidError(OutputFault.NO_IDR)
    if len(packets) != len(frames):
        raise OutputInvalidError(OutputFault.FRAME_COUNT, detail={"frames": len(packets), "planned": len(frames)})
    # Frames are stored in the order of display: each pts is its dts.
    for number, (packet, frame) in enumerate(zip(packets, frames, strict=True)):
        if packet.pts != frame.pts or packet.is_hidden:
            raise OutputInvalidError(OutputFault.TIMESTAMPS, detail={"frame": number})
    if any(later.pts <= earlier.pts for earlier, later in pairwise(packets)):
        raise OutputInvalidError(OutputFault.TIMESTAMPS)
    if packets[-1].duration != frames[-1].duration:
        raise OutputInvalidError(OutputFault.TIMESTAMPS, detail={"frame": len(frames) - 1})


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """A packet of sound: when it starts and how long it lasts, in seconds, and its bytes.

    Matroska has no durations of packets. FFmpeg guesses them, so that 0 stands for them.
    """

    start: float
    duration: float
    digest: bytes


def _validate_sound(path: Path, source: Path) -> None:
    if _parameters(path) != _parameters(source) or _has_comments(path):
        raise OutputInvalidError(OutputFault.SOUND, detail={"differs": "parameters"})
    last = None
    for number, (one, other) in enumerate(zip_longest(_heard(source), _heard(path))):
        if (
            one is None
            or other is None
            or one.digest != other.digest
            or abs(one.start - other.start) > _ROUNDING_SECONDS
        ):
            raise OutputInvalidError(OutputFault.SOUND, detail={"packet": number})
        last = number, abs(one.duration - other.duration)
    # MP4 stores the time from one packet to the next, pauses included, so that only the last one has a duration.
    if last is not None and last[1] > _ROUNDING_SECONDS:
        raise OutputInvalidError(OutputFault.SOUND, detail={"packet": last[0]})
    if stored_packets(path) != sum(1 for _ in sound_packets(path)):
        raise OutputInvalidError(OutputFault.SOUND, detail={"hidden": True})


def _parameters(path: Path) -> Sequence[object]:
    with opened(path) as container:
        sound = sound_of(container)
        if sound is None:
            return []
        context = sound.codec_context
        # Not the layout: MP4 does not say of PCM which one of a number of channels it has.
        return [context.name, context.sample_rate, context.layout.nb_channels, header_of_sound(sound)]


def _has_comments(path: Path) -> bool:
    with opened(path) as container:
        sound = sound_of(container)
        return sound is not None and sound.codec_context.extradata != header_of_sound(sound)


def _heard(path: Path) -> Iterator[_Heard]:
    is_exact = container_of(path) is not Container.MKV
    for packet in sound_packets(path):
        start = float((packet.pts or 0) * packet.time_base)
        duration = float((packet.duration or 0) * packet.time_base) if is_exact else 0.0
        yield _Heard(start=start, duration=duration, digest=sha256(bytes(packet)).digest())
