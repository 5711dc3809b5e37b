"""Learn what is needed of a video before it is redacted, or why it cannot be."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.buffer import Buffer
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from safelight_contracts.redaction.videos import VideoLimits
from videokit.completeness import validate_complete
from videokit.edits import validate_edits
from videokit.faults import VideoFault, VideoRejected
from videokit.fragments import validate_fragments
from videokit.info import Container, VideoCodec, VideoInfo
from videokit.muxing import can_hold, header_of
from videokit.opening import container_of, opened, picture_of
from videokit.orientation import matrix_of, orientation_of, validate_aspect
from videokit.sound import sound_of
from videokit.sound_header import header_of_sound

PIXEL_FORMATS = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"})
"""The formats of frames that are read and written: 8 bits a sample."""

# Transfer characteristics of ISO/IEC 23091-2: SMPTE ST 2084 and ARIB STD-B67.
_HDR_TRANSFERS = {16, 18}
# FFmpeg writes no other TimestampScale.
_MATROSKA_TICK = Fraction(1, 1000)
_ENCRYPTED_TAGS = {"encv", "drmi"}


def probe(path: Path, *, limits: VideoLimits) -> VideoInfo:
    """Read the headers and the first frame of a video.

    Raises
    ------
    VideoRejected
        If it cannot be redacted. The reason says why.
    """
    validate_complete(path)
    validate_edits(path)
    validate_fragments(path)
    with opened(path) as container:
        stream = picture_of(container)
        codec = _codec(stream)
        _validate_size(stream, limits=limits)
        _validate_ticks(stream, kind=container_of(path))
        validate_aspect(stream.sample_aspect_ratio or None)
        _validate_uncropped(stream)
        _validate_sound(container, kind=container_of(path))
        first = _first_frame(container, stream=stream)
        _validate_frame(first, limits=limits)
        matrix = _matrix(first)
        return VideoInfo(
            container=container_of(path),
            codec=codec,
            width=first.width,
            height=first.height,
            orientation=orientation_of(matrix),
            matrix=matrix,
            pixel_format=first.format.name,
            sample_aspect_ratio=stream.sample_aspect_ratio or None,
            time_base=_known(stream.time_base),
            frame_rate=stream.average_rate or stream.guessed_rate or Fraction(25),
            color_range=first.color_range,
            color_primaries=first.color_primaries,
            color_transfer=first.color_trc,
            color_matrix=first.colorspace,
        )


def _codec(stream: VideoStream) -> VideoCodec:
    # PyAV's types do not say that an unknown codec has no context.
    if cast("object | None", stream.codec_context) is None:
        raise VideoRejected(VideoFault.UNSUPPORTED_CODEC)
    if stream.codec_context.codec_tag in _ENCRYPTED_TAGS:
        raise VideoRejected(VideoFault.ENCRYPTED)
    name = stream.codec_context.name
    if name not in set(VideoCodec):
        raise VideoRejected(VideoFault.UNSUPPORTED_CODEC, detail={"codec": name})
    return VideoCodec(name)


def _validate_pixels(pixels: int, *, limits: VideoLimits) -> None:
    if pixels > limits.max_pixels:
        raise VideoRejected(VideoFault.TOO_LARGE, detail={"pixels": pixels, "max_pixels": limits.max_pixels})


def _validate_size(stream: VideoStream, *, limits: VideoLimits) -> None:
    _validate_pixels(stream.codec_context.width * stream.codec_context.height, limits=limits)
    if stream.frames > limits.max_frames:
        raise VideoRejected(VideoFault.TOO_LARGE, detail={"frames": stream.frames, "max_frames": limits.max_frames})
    if stream.duration and stream.duration * _known(stream.time_base) > limits.max_seconds:
        raise VideoRejected(VideoFault.TOO_LARGE, detail={"max_seconds": limits.max_seconds})


def _validate_ticks(stream: VideoStream, *, kind: Container) -> None:
    if kind is Container.MKV and stream.time_base != _MATROSKA_TICK:
        detail = {"container": kind, "time_base": str(stream.time_base)}
        raise VideoRejected(VideoFault.UNSUPPORTED_CONTAINER, detail=detail)


def _validate_uncropped(stream: VideoStream) -> None:
    # FFmpeg reads what containers cut off, PyAV does not tell it, and a muxer writes it.
    if b"clap" in header_of(stream):
        raise VideoRejected(VideoFault.CROPPED)


def _validate_sound(container: InputContainer, *, kind: Container) -> None:
    sound = sound_of(container)
    if sound is None:
        return
    if not can_hold(kind, sound):
        detail = {"codec": sound.codec_context.name, "container": kind}
        raise VideoRejected(VideoFault.UNSUPPORTED_SOUND, detail=detail)
    header_of_sound(sound)


def _first_frame(container: InputContainer, *, stream: VideoStream) -> VideoFrame:
    try:
        first = next(_decoded(container, stream=stream), None)
    except av.FFmpegError as error:
        raise VideoRejected(VideoFault.DAMAGED) from error
    if first is None:
        raise VideoRejected(VideoFault.DAMAGED, detail={"frames": 0})
    return first


def _decoded(container: InputContainer, *, stream: VideoStream) -> Iterator[VideoFrame]:
    for packet in container.demux(stream):
        if packet.has_sidedata("encryption_info"):
            raise VideoRejected(VideoFault.ENCRYPTED)
        yield from packet.decode()


def _validate_frame(frame: VideoFrame, *, limits: VideoLimits) -> None:
    _validate_pixels(frame.width * frame.height, limits=limits)
    if frame.color_trc in _HDR_TRANSFERS:
        raise VideoRejected(VideoFault.HDR)
    if any(component.bits > 8 for component in frame.format.components):
        raise VideoRejected(VideoFault.HIGH_BIT_DEPTH)
    if frame.format.name not in PIXEL_FORMATS:
        raise VideoRejected(VideoFault.UNSUPPORTED_CODEC, detail={"pixels": frame.format.name})
    if frame.interlaced_frame:
        raise VideoRejected(VideoFault.INTERLACED)


def _matrix(frame: VideoFrame) -> tuple[int, ...] | None:
    # PyAV's types know one key only.
    side_data = cast("Mapping[str, Buffer]", frame.side_data)
    found = side_data.get("DISPLAYMATRIX")
    return None if found is None else matrix_of(bytes(found))


def _known(time_base: Fraction | None) -> Fraction:
    if not time_base:
        raise VideoRejected(VideoFault.NO_TIMESTAMPS)
    return time_base
