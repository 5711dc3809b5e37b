"""One frame of run lengths (RLE): nothing but what a decoder needs."""

import struct

from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason

_RLE_HEADER = struct.Struct("<16I")


def plain_rle(frame: bytes, *, layout: Layout) -> bytes:
    """Return an RLE frame (PS3.5, annex G) if it has no byte that is not decoded.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if it is none, or is too short. `HIDDEN_DATA` if there is more than that, if a run goes beyond the
        last pixel, or if unused bits of
        samples are neither zero nor their sign.
    """
    if len(frame) < _RLE_HEADER.size:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    count, *offsets = _RLE_HEADER.unpack(frame[: _RLE_HEADER.size])
    if count != layout.samples * layout.allocated // 8 or offsets[0] != _RLE_HEADER.size or any(offsets[count:]):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    ends = [*offsets[1:count], len(frame)]
    for number, (start, end) in enumerate(zip(offsets[:count], ends, strict=True)):
        if not start < end <= len(frame):
            raise Quarantined(QuarantineReason.UNDECODABLE)
        used = _rle_end(frame, start=start, end=end, wanted=layout.rows * layout.columns)
        # The first segment of a sample holds its upper bits.
        lowest = layout.allocated - 8 - 8 * number % layout.allocated
        if frame[used:end].strip(b"\0") or not _are_shown(frame[start:used], lowest=lowest, layout=layout):
            raise Quarantined(QuarantineReason.HIDDEN_DATA)
    return frame


def _rle_end(frame: bytes, *, start: int, end: int, wanted: int) -> int:
    at, decoded = start, 0
    while decoded < wanted:
        if at >= end:
            raise Quarantined(QuarantineReason.UNDECODABLE)
        control = frame[at]
        if control < 128:
            at, decoded = at + 2 + control, decoded + control + 1
        elif control > 128:
            at, decoded = at + 2, decoded + 257 - control
        else:
            at += 1
    if decoded > wanted:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
    return at


def _are_shown(segment: bytes, *, lowest: int, layout: Layout) -> bool:
    used = ((1 << layout.stored) - 1) << (layout.high + 1 - layout.stored)
    unused = ~(used >> lowest) & 0xFF
    # Repeated above the sign, if it is in the same byte.
    signs = unused | (1 << layout.high >> lowest & 0xFF) if layout.signed else 0
    has_sign = layout.signed and lowest <= layout.high
    at = 0
    while unused and at < len(segment):
        control = segment[at]
        values = segment[at + 1 : at + 2 + control] if control < 128 else segment[at + 1 : at + 1 + (control > 128)]
        if any(value & unused and not (has_sign and value & signs == signs) for value in set(values)):
            return False
        at += 1 + len(values)
    return True
