"""Display matrices of video as the orientations of EXIF."""

import struct
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from videokit.faults import VideoFault, VideoRejected

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
