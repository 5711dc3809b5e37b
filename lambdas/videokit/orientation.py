"""How stored frames of video are displayed: display matrices as the orientations of EXIF, and the shape of pixels."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from videokit.faults import VideoFault, VideoRejected
from videokit.info import VideoInfo

Pixels: TypeAlias = npt.NDArray[np.uint8]

# The first two columns of the first two rows (ISO/IEC 14496-12, 8.3.2): a, b, c, d.
_ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
# Anamorphic video has pixels up to twice as wide as high.
_MAX_ASPECT = 4
# A matrix has numbers of 16.16 bits.
_ONE = 1 << 16
_LONGS = struct.Struct("=9i")


def matrix_of(side_data: bytes) -> tuple[int, ...]:
    """Read the nine numbers of FFmpeg's side data."""
    return _LONGS.unpack(side_data[: _LONGS.size])


def orientation_of(matrix: Sequence[int] | None) -> int:
    """Return the orientation that a display matrix means, 1 to 8.

    Raises
    ------
    VideoRejected
        ODD_ROTATION, if it scales or turns by anything but quarter turns.
    """
    if matrix is None:
        return 1
    a, b, _, c, d, *_ = (number / _ONE for number in matrix)
    key = tuple(round(number) for number in (a, b, c, d))
    orientation = _ORIENTATIONS.get((key[0], key[1], key[2], key[3]))
    # A hundredth is a rounding error of a quarter turn.
    if orientation is None or any(abs(it - whole) > 0.01 for it, whole in zip((a, b, c, d), key, strict=True)):
        raise VideoRejected(VideoFault.ODD_ROTATION)
    return orientation


def validate_aspect(aspect: Fraction | None) -> None:
    """Refuse pixels that no camera makes, in which a squeezed face could hide from the detector.

    `aspect`: the width of a pixel over its height. None: unknown.

    Raises
    ------
    VideoRejected
        ODD_PIXELS, if one side of a pixel is more than four times the other.
    """
    if aspect is not None and not Fraction(1, _MAX_ASPECT) <= aspect <= _MAX_ASPECT:
        raise VideoRejected(VideoFault.ODD_PIXELS, detail={"aspect": str(aspect)})


def shown_size(info: VideoInfo) -> tuple[int, int]:
    """Return the width and height of a stored frame with square pixels, before its rotation. It is never smaller."""
    aspect = info.sample_aspect_ratio or Fraction(1)
    return round(info.width * max(aspect, Fraction(1))), round(info.height / min(aspect, Fraction(1)))


def is_turned(orientation: int) -> bool:
    """Decide whether width and height are exchanged for display."""
    return orientation in {5, 6, 7, 8}


def upright(pixels: Pixels, *, orientation: int) -> Pixels:
    """Turn the pixels of a stored frame for display: rows, columns and possibly colours.

    `orientation`: 1 to 8, as EXIF numbers them.
    """
    if is_turned(orientation):
        pixels = pixels.swapaxes(0, 1)
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
