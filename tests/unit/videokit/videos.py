"""Videos of every kind that users have, made by PyAV."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from tests.unit.videokit.pictures import HEIGHT, WIDTH, frame_of

RATE = Fraction(30)
SOUND_RATE = 48_000

# A key frame every 15 frames.
H264 = {"bf": "2", "g": "15", "x264-params": "scenecut=0:keyint=15:min-keyint=15:b-adapt=0"}
H264_OPEN = {
    "bf": "2",
    "g": "15",
    "x264-params": "scenecut=0:keyint=15:min-keyint=15:b-adapt=0:open-gop=1:bframes=2",
}
HEVC_OPEN = {"x265-params": "log-level=none:scenecut=0:keyint=15:min-keyint=15:open-gop=1:bframes=2:b-adapt=0"}


def write_video(
    path: Path,
    *,
    frames: int = 60,
    width: int = WIDTH,
    height: int = HEIGHT,
    codec: str = "libx264",
    options: Mapping[str, str] = H264,
    pixel_format: str = "yuv420p",
    rate: Fraction = RATE,
    time_base: Fraction | None = None,
    times: Sequence[int] | None = None,
    sound: str | None = "aac",
    matrix: Sequence[int] | None = None,
    primaries: int = 1,
    transfer: int = 1,
    color_matrix: int = 1,
    aspect: Fraction | None = None,
    metadata: Mapping[str, str] | None = None,
    container: Mapping[str, str] | None = None,
) -> Path:
    """Write a video whose frames are `frame_of(0)`, `frame_of(1)` and so on.

    `times`: the pts of each frame in ticks of `time_base`. Default: one frame each `1 / rate`.
    `sound`: an encoder, or None for silence without a stream.
    """
    with av.open(str(path), "w", options=dict(container or {})) as output:
        output.metadata.update(metadata or {})
        picture = output.add_stream(codec, rate=rate, options=dict(options))
        assert isinstance(picture, VideoStream)
        context = picture.codec_context
        context.width, context.height, context.pix_fmt = width, height, pixel_format
        context.time_base = picture.time_base = time_base or 1 / rate
        context.thread_count = 1
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = (
            2 if pixel_format.startswith("yuvj") else 1,
            primaries,
            transfer,
            color_matrix,
        )
        if aspect:
            context.sample_aspect_ratio = aspect
        if matrix:
            picture.set_display_matrix(tuple(matrix))
        heard = add_sound(output, codec=sound) if sound else None
        ticks = times or range(frames)
        for number, pts in enumerate(ticks):
            frame = frame_of(number, width=width, height=height, pixel_format=pixel_format)
            frame.pts, frame.time_base = pts, context.time_base
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        if heard:
            write_sound(output, heard, seconds=float((ticks[-1] + 1) * context.time_base))
    return path


def write_frames(
    path: Path, frames: Sequence[VideoFrame], *, rate: Fraction = RATE, aspect: Fraction | None = None
) -> Path:
    """Write frames of one size as H.264, with a key frame every 15 frames. `aspect`: of a pixel."""
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=rate, options=dict(H264))
        assert isinstance(picture, VideoStream)
        context = picture.codec_context
        context.width, context.height, context.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        context.time_base = picture.time_base = 1 / rate
        if aspect:
            context.sample_aspect_ratio = aspect
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, 1 / rate
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
    return path


def add_sound(output: OutputContainer, *, codec: str = "aac") -> AudioStream:
    """Add a stream of sound to a container that is written."""
    stream = output.add_stream(codec, rate=SOUND_RATE, layout="mono")
    assert isinstance(stream, AudioStream)
    return stream


def write_sound(output: OutputContainer, stream: AudioStream, *, seconds: float) -> None:
    """Encode a sweep."""
    size = stream.codec_context.frame_size or 1024
    planar = stream.codec_context.format.name == "fltp"
    for number in range(math.ceil(seconds * SOUND_RATE / size)):
        at = (np.arange(size) + number * size) / SOUND_RATE
        wave = 0.3 * np.sin(2 * np.pi * (300 + 100 * at) * at)[None, :]
        samples = wave.astype(np.float32) if planar else (wave * 32_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp" if planar else "s16", layout="mono")
        frame.rate, frame.pts, frame.time_base = SOUND_RATE, number * size, Fraction(1, SOUND_RATE)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
