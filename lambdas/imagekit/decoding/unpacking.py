"""Unpacking what a camera's sensor saw, and telling whether LibRaw has written all of it.

Where the data is broken, some of LibRaw's decoders return early and report nothing. What they have not written is as
the memory was: here zero, and never what another picture left.
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
"""The part of a picture that may be missing: no more than a column that a camera's decoder leaves out."""

# M_PERTURB of glibc's malloc.h. Memory is filled with the complement of the number, and not at all for zero.
_PERTURB = -6
_PERTURB_VARIABLE = "MALLOC_PERTURB_"
_ZERO, _MARK = 0x00, 0xA5


def unpack(raw: "rawpy.RawPy", *, data: bytes) -> None:
    """Unpack the sensor's data of an open file.

    Parameters
    ----------
    raw
        The file, of which no more than the header is read.
    data
        The whole file.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when LibRaw leaves more than `MAX_UNWRITTEN` of the picture unwritten; with another C library
        than glibc, that is not looked at. The same when libjpeg, by which LibRaw decodes the tiles of a lossy DNG, says
        that data is missing, which LibRaw does not pass on.
    """
    # Not above, as steps without either read the settings too.
    import numpy as np
    import rawpy

    with _memory_filled(_ZERO), rejecting_broken_jpeg():
        raw.unpack()
    pixels = raw.raw_image_visible
    most = MAX_UNWRITTEN * pixels.size
    if pixels.size - np.count_nonzero(pixels) <= most:
        return
    # Black, or not written? What is written is the same the second time, whatever the memory was.
    with rawpy.imread(BytesIO(data)) as again:
        with _memory_filled(_MARK):
            again.unpack()
        if np.count_nonzero(pixels != again.raw_image_visible) > most:
            raise unreadable("raw data of which the decoder reads a part only")


@contextmanager
def _memory_filled(byte: int) -> Iterator[None]:
    """Have glibc fill all memory that it gives with a byte; others do not know how."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        yield
        return
    mallopt(_PERTURB, byte ^ 0xFF)
    try:
        yield
    finally:
        mallopt(_PERTURB, int(os.environ.get(_PERTURB_VARIABLE, "0")))
