"""A short video with one face that moves, and sound."""

import math
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.stream import VideoStream
from PIL import Image
from skimage import data
from tests.unit.videokit.videos import add_sound, write_sound

RATE = 5
WIDTH, HEIGHT = 320, 240
_FACE = (170, 30, 290, 190)
"""The head in the photograph: left, top, right and bottom."""
_SIZE = (90, 120)


@cache
def _head() -> npt.NDArray[np.uint8]:
    photograph: Any = data
    head = Image.fromarray(photograph.astronaut()).crop(_FACE).resize(_SIZE)
    return np.asarray(head, dtype=np.uint8)


def place(number: int) -> tuple[int, int]:
    """The left and the upper edge of the head in a frame."""
    return 60 + round(50 * math.sin(number / 7)), 50 + round(30 * math.cos(number / 9))


def picture(number: int) -> npt.NDArray[np.uint8]:
    """A frame: the head before a flat background with a gradient."""
    pixels = np.empty((HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[:] = np.linspace(90, 140, WIDTH, dtype=np.uint8)[None, :, None]
    left, top = place(number)
    pixels[top : top + _SIZE[1], left : left + _SIZE[0]] = _head()
    return pixels


def inner_face(number: int) -> tuple[slice, slice]:
    """Rows and columns of eyes, nose and mouth in a frame."""
    left, top = place(number)
    return slice(top + 45, top + 90), slice(left + 25, left + 65)


def write_moving_face(path: Path, *, seconds: int) -> Path:
    """Write H.264 with a key frame every 10 seconds."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream(
            "libx264", rate=RATE, options={"x264-params": f"keyint={10 * RATE}:min-keyint={10 * RATE}:scenecut=0"}
        )
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = add_sound(output)
        for number in range(seconds * RATE):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        write_sound(output, sound, seconds=seconds)
    return path
