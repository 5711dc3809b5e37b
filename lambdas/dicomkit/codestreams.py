"""One compressed frame: nothing but what a decoder needs."""

import struct

from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason

_UINT16, _UINT32 = struct.Struct(">H"), struct.Struct(">I")
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_ADOBE, _JPEG_LS_COLOUR = (0xEE, b"Adobe"), (0xE8, b"mrfx")
# Baseline to lossless, without the codes of other segments, and JPEG-LS.
_FRAMES = (set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}
_RESTARTS = range(0xD0, 0xD8)
# Adobe's segment says how colours are coded. It is 12 bytes long (T.872, 6.5.3), and JPEG-LS's is 5.
_APPLICATION_LENGTHS = {_ADOBE: 12, _JPEG_LS_COLOUR: 5}
_SOC, _SIZ, _SOT, _SOD, _EOC, _J2K_COM = 0xFF4F, 0xFF51, 0xFF90, 0xFF93, 0xFFD9, 0xFF64
_SOT_LENGTH = 12
_RLE_HEADER = struct.Struct("<16I")


def plain_jpeg(frame: bytes, *, layout: Layout) -> bytes:
    """Return a JPEG or JPEG-LS stream without comments, application segments, and bytes behind its end.

    Adobe's segment stays: it says how colours are coded.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if it is none, or its size is not the layout's. `HIDDEN_DATA` if samples have more bits than the
        layout's.
    """
    if frame[:2] != b"\xff\xd8":
        raise Quarantined(QuarantineReason.UNDECODABLE)
    parts, at, sized = [frame[:2]], 2, False
    while True:
        marker, at = _marker(frame, at=at)
        if marker == _EOI:
            break
        length = _read(_UINT16, frame, at=at)
        end = at + length
        segment = frame[at:end]
        if length < 2 or len(segment) < length:
            raise Quarantined(QuarantineReason.UNDECODABLE)
        if marker in _FRAMES:
            if sized:
                raise Quarantined(QuarantineReason.UNDECODABLE)
            _validate_precision(segment[2], layout=layout)
            sized = _has_size(rows=_read(_UINT16, segment, at=3), columns=_read(_UINT16, segment, at=5), layout=layout)
        if marker == _SOS:
            end = _scan_end(frame, start=end)
            segment = frame[at:end]
        if not _is_hidden(marker, segment=segment):
            parts.append(bytes((0xFF, marker)) + segment)
        at = end
    if not sized:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return b"".join([*parts, b"\xff\xd9"])


def _marker(frame: bytes, *, at: int) -> tuple[int, int]:
    # Any number of fill bytes FF may precede a marker.
    start = at
    while frame[at : at + 1] == b"\xff":
        at += 1
    marker = frame[at : at + 1]
    if at == start or marker in (b"", b"\0"):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return marker[0], at + 1


def _scan_end(frame: bytes, *, start: int) -> int:
    # In a scan, FF is followed by a byte below 80 (a stuffed one), or by a restart marker.
    at = start
    while True:
        at = frame.find(b"\xff", at)
        if at < 0 or at + 1 >= len(frame):
            raise Quarantined(QuarantineReason.UNDECODABLE)
        following = frame[at + 1]
        if following >= 0x80 and following not in _RESTARTS and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2


def _is_hidden(marker: int, *, segment: bytes) -> bool:
    if marker in _APPLICATION:
        known = (marker, segment[2 : 2 + (5 if marker == _ADOBE[0] else 4)])
        return len(segment) - 2 != _APPLICATION_LENGTHS.get(known, -1)
    return marker == _COM


def _has_size(*, rows: int, columns: int, layout: Layout) -> bool:
    if (rows, columns) != (layout.rows, layout.columns):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return True


def _validate_precision(bits: int, *, layout: Layout) -> None:
    # Bits that the header does not call pixels can be an old overlay.
    if bits > layout.stored or layout.high + 1 != layout.stored:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)


def plain_jpeg_2000(frame: bytes, *, layout: Layout) -> bytes:
    """Return a JPEG 2000 codestream without the comments of its header, and without bytes behind its end.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if it is none, if it is a JP2 file, which PS3.5, A.4.4 forbids, or if its size is not the
        layout's. `HIDDEN_DATA` if a tile's header has a comment, or samples have more bits than the layout's.
    """
    if _read(_UINT16, frame, at=0) != _SOC or _read(_UINT16, frame, at=2) != _SIZ:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    right, bottom, left, top = (_read(_UINT32, frame, at=8 + 4 * number) for number in range(4))
    _has_size(rows=bottom - top, columns=right - left, layout=layout)
    # The upper bit says whether samples are signed.
    _validate_precision((_read(_UINT16, frame, at=42) >> 8 & 0x7F) + 1, layout=layout)
    parts, at = [frame[:2]], 2
    while (marker := _read(_UINT16, frame, at=at)) != _SOT:
        end = at + 2 + _read(_UINT16, frame, at=at + 2)
        if marker < 0xFF00 or end <= at + 2:
            raise Quarantined(QuarantineReason.UNDECODABLE)
        if marker != _J2K_COM:
            parts.append(frame[at:end])
        at = end
    end = _tiles_end(frame, start=at)
    return b"".join([*parts, frame[at:end], b"\xff\xd9"])


def _tiles_end(frame: bytes, *, start: int) -> int:
    at = start
    while (marker := _read(_UINT16, frame, at=at)) != _EOC:
        length = _read(_UINT32, frame, at=at + 6)
        if marker != _SOT or (length and length < _SOT_LENGTH):
            raise Quarantined(QuarantineReason.UNDECODABLE)
        inside = at + _SOT_LENGTH
        while (marker := _read(_UINT16, frame, at=inside)) != _SOD:
            if marker == _J2K_COM:
                raise Quarantined(QuarantineReason.HIDDEN_DATA)
            inside += 2 + max(2, _read(_UINT16, frame, at=inside + 2))
        # Length 0: the last tile, up to the end of the stream.
        at = at + length if length else frame.index(b"\xff\xd9", inside)
    return at


def plain_rle(frame: bytes, *, layout: Layout) -> bytes:
    """Return an RLE frame (PS3.5, annex G) if it has no byte that is not decoded.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if it is none, or is too short. `HIDDEN_DATA` if there is more than that, or if unused bits of
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


def _read(number: struct.Struct, data: bytes, *, at: int) -> int:
    try:
        return int(number.unpack_from(data, at)[0])
    except struct.error:
        raise Quarantined(QuarantineReason.UNDECODABLE) from None
