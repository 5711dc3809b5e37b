"""A sample video, made from an image of scikit-image: a camera moves over the portrait of an astronaut."""

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import skimage.data
from PIL import Image

RATE = 8
SECONDS = 5
_SIZE = (480, 360)
_VIEW = (360, 270)


def write_clip(path: Path) -> Path:
    """Write an MP4 file of 5 s in H.264, without sound, with one face in each of its 40 frames.

    Parameters
    ----------
    path
        Its name ends with ``.mp4``. A file that is there is replaced.

    Returns
    -------
    Path
        The same.
    """
    portrait = Image.open(Path(skimage.data.__file__).parent / "astronaut.png").convert("RGB")
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=RATE)
        (stream.width, stream.height), stream.pix_fmt = _SIZE, "yuv420p"
        for number in range(SECONDS * RATE):
            shown = portrait.resize(_SIZE, Image.Resampling.LANCZOS, box=_view(number))
            frame = av.VideoFrame.from_ndarray(np.asarray(shown), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def _view(number: int) -> tuple[float, float, float, float]:
    """Return what a frame shows of the portrait, which has the face at 170 to 290 of 512 pixels, 30 from its top."""
    left = 64 - 56 * math.cos(number / 8)
    top = 12 - 12 * math.cos(number / 11)
    return left, top, left + _VIEW[0], top + _VIEW[1]
