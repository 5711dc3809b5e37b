"""Pixels that are not encapsulated: nothing but what a viewer shows."""

import numpy as np
import numpy.typing as npt

from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason


def shown_bytes(data: bytes, *, layout: Layout, little_endian: bool) -> bytes:
    """Return the data of a picture without bytes behind its last frame, and without the bits that are no pixels.

    Old overlays are in the unused bits of samples (PS3.5, 8.1.2).

    Raises
    ------
    Quarantined
        `UNDECODABLE` if frames are missing.
    """
    if len(data) < layout.length:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    if len(data) > layout.length:
        data = data[: layout.length] + b"\0" * (layout.length % 2)
    if layout.stored == layout.allocated:
        return data
    samples = np.frombuffer(
        data, dtype=_dtype(layout, little_endian=little_endian), count=layout.length * 8 // layout.allocated
    )
    shown = shown_bits(samples, layout=layout)
    if np.array_equal(shown, samples):
        return data
    plain = shown.astype(samples.dtype).tobytes()
    return plain + b"\0" * (len(plain) % 2)


def shown_words(data: bytes, *, layout: Layout) -> bytes:
    """Return what `shown_bytes` returns for pixels of 8 bits in big endian words: the second byte is the first pixel.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if frames are missing, or half of a word.
    """
    if len(data) % 2:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return _swapped(shown_bytes(_swapped(data), layout=layout, little_endian=True))


def _swapped(words: bytes) -> bytes:
    return np.frombuffer(words, dtype="u2").byteswap().tobytes()


def shown_bits(samples: npt.NDArray[np.unsignedinteger], *, layout: Layout) -> npt.NDArray[np.unsignedinteger]:
    """Return samples whose unused bits are zero, or repeat the sign if they did in all samples.

    `samples`: the bits, in an unsigned type.
    """
    used = ((1 << layout.stored) - 1) << (layout.high + 1 - layout.stored)
    plain: npt.NDArray[np.unsignedinteger] = samples & samples.dtype.type(used)
    if layout.signed and layout.high + 1 == layout.stored:
        sign = samples.dtype.type(1 << layout.high)
        # Two's complement: x ^ s - s repeats the bit s, modulo the type.
        extended: npt.NDArray[np.unsignedinteger] = (plain ^ sign) - sign
        if np.array_equal(extended, samples):
            return extended
    return plain


def _dtype(layout: Layout, *, little_endian: bool) -> np.dtype[np.unsignedinteger]:
    return np.dtype(f"{'<' if little_endian else '>'}u{layout.allocated // 8}")
