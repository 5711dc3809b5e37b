"""Write a scene as a video."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from tests.redaction_videos.drawing import frames_of
from tests.redaction_videos.scenes import Scene

# Whole milliseconds, and whole frames of 24, 25, 30 and 30000/1001 a second.
TIME_BASE = Fraction(1, 120_000)

_SQUARE = Fraction(1)


def write_scene(scene: Scene, path: Path, *, aspect: Fraction = _SQUARE) -> Path:
    """Write a scene as H.264, with a key frame at least every second.

    `aspect`: the width of a pixel over its height. The frames are squeezed so that players show them as they were.
    """
    size = _even(scene.width / max(aspect, _SQUARE)), _even(scene.height * min(aspect, _SQUARE))
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=30, options={"crf": "20", "preset": "veryfast", "g": "24"})
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = *size, "yuv420p"
        context.sample_aspect_ratio = aspect
        context.time_base = stream.time_base = TIME_BASE
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = 1, 1, 1, 1
        context.thread_count = 1
        for time, pixels in zip(scene.times, frames_of(scene), strict=True):
            squeezed = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
            frame = av.VideoFrame.from_ndarray(squeezed, format="rgb24")
            frame.pts, frame.time_base = round(time / TIME_BASE), TIME_BASE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def _even(side: Fraction) -> int:
    return round(side / 2) * 2
