"""Unpack sensor data, and detect whether LibRaw wrote all of it.

If the data is broken, some of LibRaw's decoders return early without an error. The memory that they did not write keeps
its content. Here it is zero, never data of another picture.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from imagekit.decoding.decoder_messages import rejecting_broken_jpeg
from imagekit.rejection import unreadable

if TYPE_CHECKING:
    import rawpy

MAX_UNWRITTEN = 0.001
"""The share of a picture that may be missing: no more than one column that a decoder leaves out."""

# M_PERTURB in glibc's malloc.h. Memory is filled with the complement of the number. Zero turns it off.
_PERTURB = -6
_PERTURB_VARIABLE = "MALLOC_PERTURB_"
_ZERO, _MARK = 0x00, 0xA5


def unpack(raw: "rawpy.RawPy", *, data: bytes) -> None:
    """Unpack the sensor data of an open file.

    Raises ImageRejected: `UNREADABLE_IMAGE` if LibRaw leaves more than `MAX_UNWRITTEN` of the picture unwritten (only
    checked with glibc), or if libjpeg, which decodes the tiles of a lossy DNG, reports missing data that LibRaw
    ignores.
    """
    # Imported here because functions without these layers import this module too.
    import numpy as np
    import rawpy

    with _memory_filled(_ZERO), rejecting_broken_jpeg():
        raw.unpack()
    pixels = raw.raw_image_visible
    most = MAX_UNWRITTEN * pixels.size
    if pixels.size - np.count_nonzero(pixels) <= most:
        return
    # Black, or not written? Written pixels are the same the second time, whatever the memory contained.
    with rawpy.imread(BytesIO(data)) as again:
        with _memory_filled(_MARK):
            again.unpack()
        if np.count_nonzero(pixels != again.raw_image_visible) > most:
            raise unreadable("raw data is incomplete")


@contextmanager
def _memory_filled(byte: int) -> Iterator[None]:
    """Make glibc fill all memory that it allocates with a byte. Other C libraries cannot."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        yield
        return
    mallopt(_PERTURB, byte ^ 0xFF)
    try:
        yield
    finally:
        mallopt(_PERTURB, int(os.environ.get(_PERTURB_VARIABLE, "0")))
