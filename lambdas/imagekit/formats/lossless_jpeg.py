"""Check lossless JPEG (ITU-T T.81, annex H), with which cameras code sensor data.

If the header is broken, LibRaw leaves the image unwritten and reports no error (`ljpeg_start`). Only the length and the
zeros of the scan are checked: decoding it in Python would take longer than LibRaw does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from imagekit.rejection import ImageRejected, unreadable

_START, _TABLES, _SCAN = 0xD8, 0xC4, 0xDA
# Lossless, and the one other frame that LibRaw decodes here.
_FRAMES = {0xC3, 0xC1}
_TABLE_COUNTS = 16
_MAX_TABLE_NUMBER = 3
_TABLE_CLASSES = {0, 1}
_MAX_BITS = 16
_MAX_COMPONENTS = 6
_NOT_SUBSAMPLED = 0x11
_END = b"\xff\xd9"
_STUFFED = b"\xff\0"
# A difference of this length has no bits of its own. In old DNGs it has 16.
_WITHOUT_BITS = 16
# Shorter runs cost time and prove little. A code that begins before a run may extend 31 bits into it.
_ZEROS = re.compile(rb"\x00{64,}")
_CODE_BITS = 32


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """The number of samples of a frame, and whether it is subsampled."""

    samples: int
    is_subsampled: bool


@dataclass(frozen=True, kw_only=True)
class _Table:
    """The bits of a sample: at least, at most, and for the code that is all zeros."""

    least: int
    most: int
    zeros: int


def count_samples(data: bytes, *, start: int, end: int) -> int:
    """Check the header and the length of the scan, and count the samples.

    Result: Width times height times components. Raises ImageRejected: `UNREADABLE_IMAGE` if the header is broken or
    truncated, if the scan is too short for that many samples, or if its zeros code more samples than there are.
    """
    if data[start : start + 2] != bytes([0xFF, _START]):
        raise _broken()
    frame: _Frame | None = None
    tables: dict[int, _Table] = {}
    offset = start + 2
    while True:
        head = data[offset : min(offset + 4, end)]
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0:
            raise _broken()
        length = int.from_bytes(head[2:], "big")
        content, offset = data[offset + 4 : offset + 2 + length], offset + 2 + length
        if length < 2 or offset > end:
            raise _broken()
        if head[1] in _FRAMES:
            frame = _read_frame(content)
        elif head[1] == _TABLES:
            tables |= _read_tables(content)
        elif head[1] == _SCAN:
            # Other tables default to the first one.
            if frame is None or not frame.samples or 0 not in tables or not content:
                raise _broken()
            if len(content) < 4 + 2 * content[0]:
                raise _broken()
            _check_scan(data, start=offset, end=end, frame=frame, tables=tables)
            return frame.samples


def _read_frame(content: bytes) -> _Frame:
    if len(content) < 6:
        raise _broken()
    bits, components = content[0], content[5]
    height, width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    if not 1 <= bits <= _MAX_BITS or not 1 <= components <= _MAX_COMPONENTS or len(content) < 6 + 3 * components:
        raise _broken()
    sampling = content[7 : 6 + 3 * components : 3]
    return _Frame(
        samples=width * height * components,
        is_subsampled=any(factors != _NOT_SUBSAMPLED for factors in sampling),
    )


def _read_tables(content: bytes) -> dict[int, _Table]:
    tables = {}
    at = 0
    while at < len(content):
        number = content[at]
        counts = content[at + 1 : at + 1 + _TABLE_COUNTS]
        values = content[at + 1 + _TABLE_COUNTS :][: sum(counts)]
        at += 1 + _TABLE_COUNTS + sum(counts)
        # Kraft's inequality: no code can have more.
        codes = sum(count << (_TABLE_COUNTS - bits) for bits, count in enumerate(counts, start=1))
        is_known = number >> 4 in _TABLE_CLASSES and number & 15 <= _MAX_TABLE_NUMBER
        if at > len(content) or not is_known or not 0 < codes <= 1 << _TABLE_COUNTS:
            raise _broken()
        tables[number] = _bits_of(counts, values=values)
    return tables


def _bits_of(counts: bytes, *, values: bytes) -> _Table:
    lengths = [bits for bits, count in enumerate(counts, start=1) for _ in range(count)]
    least = (bits + (value if value < _WITHOUT_BITS else 0) for bits, value in zip(lengths, values, strict=True))
    most = [bits + min(value, _WITHOUT_BITS) for bits, value in zip(lengths, values, strict=True)]
    # Codes increase with their length, so the first one is all zeros.
    return _Table(least=min(least), most=max(most), zeros=most[0])


def _check_scan(data: bytes, *, start: int, end: int, frame: _Frame, tables: Mapping[int, _Table]) -> None:
    found = data.find(_END, start, end)
    stop = end if found < 0 else found
    least = min(table.least for table in tables.values())
    if not frame.is_subsampled and 8 * (stop - start) < least * frame.samples:
        raise unreadable("a lossless JPEG without all of its data")
    runs = [run.end() - run.start() for run in _ZEROS.finditer(data, start, stop)]
    if not runs:
        return
    zeros = max(table.zeros for table in tables.values())
    most = max(table.most for table in tables.values())
    others = stop - start - sum(runs) - data.count(_STUFFED, start, stop)
    fewest = sum((8 * length - _CODE_BITS) // zeros for length in runs) + (8 * others - _CODE_BITS) // most
    if fewest > frame.samples:
        raise unreadable("a lossless JPEG with zeros instead of its data")


def _broken() -> ImageRejected:
    return unreadable("a lossless JPEG without a whole header")
