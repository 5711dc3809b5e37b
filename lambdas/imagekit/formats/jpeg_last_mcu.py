"""Accept a sequential JPEG that lacks bits of its last MCU, and no whole MCU (ITU-T T.81, annexes A, C and F).

Some writers drop the last bits. libjpeg reads zeros instead, but reports the same as if half of the image were missing.
If as many zeros follow the data, it reports nothing. They must be too few for a whole MCU.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from imagekit.formats.jpeg_scans import FRAMES, SCAN, SEQUENTIAL
from imagekit.formats.jpeg_segments import Segment
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import read_exactly

_HUFFMAN_TABLES, _INTERVAL = 0xC4, 0xDD
_LENGTHS = 16
_AC = 0x10
_AC_COEFFICIENTS = 63
_LONG_RUN = 15


@dataclass(frozen=True, kw_only=True)
class _ZeroCode:
    """The code of a Huffman table that is all zeros: the first of its shortest ones."""

    bits: int
    value: int


def zeros_for_last_mcu(segments: Sequence[Segment]) -> bytes:
    """Return zero bytes that may follow the image data: as many as are too few for a whole MCU.

    Parameters
    ----------
    segments
        All segments up to the header of the first scan.

    Returns
    -------
    bytes
        Empty if it is not the only scan, if there are restart markers, or without tables.
    """
    try:
        return bytes(max(0, _zeros_of_an_mcu(segments) - 1) // 8)
    except (ImageRejected, KeyError):
        return b""


def _zeros_of_an_mcu(segments: Sequence[Segment]) -> int:
    """Return how many bits a decoder reads for one MCU if all are zeros. Raises KeyError without a table."""
    frame = next(segment for segment in segments if segment.marker in FRAMES)
    scan = segments[-1]
    is_restarted = any(segment.marker == _INTERVAL for segment in segments)
    components = read_exactly(frame.content, 5, 1)[0]
    is_only_scan = (
        frame.marker in SEQUENTIAL and scan.marker == SCAN and scan.content.read_at(0, 1) == bytes([components])
    )
    if not is_only_scan or is_restarted:
        return 0
    described = read_exactly(frame.content, 6, 3 * components)
    sampling = dict(zip(described[::3], described[1::3], strict=True))
    chosen = read_exactly(scan.content, 1, 2 * components)
    tables = _zero_codes(segments)
    return sum(
        _blocks(sampling[component], components=components) * _zeros_of_a_block(tables, dc=both >> 4, ac=both & 15)
        for component, both in zip(chosen[::2], chosen[1::2], strict=True)
    )


def _blocks(factors: int, *, components: int) -> int:
    # An MCU of one component is one block (A.2.2).
    return 1 if components == 1 else (factors >> 4) * (factors & 15)


def _zeros_of_a_block(tables: Mapping[int, _ZeroCode], *, dc: int, ac: int) -> int:
    first, following = tables[dc], tables[_AC | ac]
    run, size = following.value >> 4, following.value & 15
    ends_block = size == 0 and run != _LONG_RUN
    codes = 1 if ends_block else ceil(_AC_COEFFICIENTS / (run + 1))
    return first.bits + first.value + codes * (following.bits + size)


def _zero_codes(segments: Sequence[Segment]) -> Mapping[int, _ZeroCode]:
    """Find the zero code of each table, by class and number as DHT has them. A later table replaces an earlier one."""
    found: dict[int, _ZeroCode] = {}
    for segment in segments:
        offset = 0
        while segment.marker == _HUFFMAN_TABLES and offset < segment.content.size:
            number, *counts = read_exactly(segment.content, offset, 1 + _LENGTHS)
            values = read_exactly(segment.content, offset + 1 + _LENGTHS, sum(counts))
            if not values:
                raise unreadable("a Huffman table without codes")
            shortest = next(bits for bits, count in enumerate(counts, start=1) if count)
            found[number] = _ZeroCode(bits=shortest, value=values[0])
            offset += 1 + _LENGTHS + len(values)
    return found
