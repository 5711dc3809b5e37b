"""One frame of JPEG or JPEG-LS: nothing but what a decoder needs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dicomkit.jpeg_scans import Block, huffman_table, validate_scan
from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.streams import UINT16, read, validate_precision, validate_size

_SOI, _EOI, _SOS, _COM, _DQT, _DHT, _DRI, _LSE = 0xD8, 0xD9, 0xDA, 0xFE, 0xDB, 0xC4, 0xDD, 0xF8
_APPLICATION = range(0xE0, 0xF0)
# Adobe's segment says how colours are coded (T.872, 6.5.3), and so does HP's of JPEG-LS.
_ADOBE, _ADOBE_LENGTH, _ADOBE_HEAD = b"Adobe", 12, b"Adobe\0d\0\0\0\0"
_JPEG_LS_COLOUR, _JPEG_LS_COLOUR_LENGTH = b"mrfx", 5
_BASELINE, _EXTENDED, _LOSSLESS, _JPEG_LS = 0xC0, 0xC1, 0xC3, 0xF7
_FRAMES = frozenset({_BASELINE, _EXTENDED, _LOSSLESS, _JPEG_LS})
# The first and the last coefficient of a scan, and the bits that follow in others (T.81, B.2.3).
_ALL_COEFFICIENTS = bytes((0, 63, 0))
_RESTARTS = range(0xD0, 0xD8)
# The thresholds of contexts (T.87, C.2.4.1.1). Other parameters are palettes.
_THRESHOLDS, _THRESHOLDS_LENGTH = 1, 13


@dataclass
class _Table:
    """A table of Huffman codes or of quantization. `is_used`: by a scan."""

    kind: int
    data: bytes
    is_used: bool = False


@dataclass(frozen=True, kw_only=True)
class _Component:
    horizontal: int
    vertical: int
    quantization: int


@dataclass
class _Stream:
    """What the segments that were read so far say."""

    layout: Layout
    tables: dict[tuple[int, int], _Table] = field(default_factory=dict)
    components: dict[int, _Component] = field(default_factory=dict)
    frame: int | None = None
    scanned: set[int] = field(default_factory=set)
    interval: int = 0


def plain_jpeg(frame: bytes, *, layout: Layout) -> bytes:
    """Return a JPEG or JPEG-LS stream without comments, application segments, unused tables, and bytes behind its end.

    Adobe's segment stays: it says how colours are coded. What scans hold stays byte for byte.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if it is none, if it is progressive, hierarchic or arithmetic, or if its size is not the layout's.
        `HIDDEN_DATA` if there are other segments, more components, more scans or more bits than the layout's, or bytes
        behind the last block of a scan. In JPEG-LS, nobody looks for such bytes.
    """
    if frame[:2] != b"\xff\xd8":
        raise Quarantined(QuarantineReason.UNDECODABLE)
    stream = _Stream(layout=layout)
    parts: list[bytes | list[_Table]] = []
    for marker, segment, coded in _segments(frame):
        if marker in _FRAMES:
            _read_frame(stream, marker=marker, segment=segment)
        elif marker == _SOS:
            _read_scan(stream, segment=segment, coded=coded)
        elif marker in (_DQT, _DHT):
            parts.append(_read_tables(stream, marker=marker, segment=segment))
            continue
        elif marker == _DRI and len(segment) == 4:
            stream.interval = read(UINT16, segment, at=2)
        elif marker in _APPLICATION or marker == _COM:
            segment = _kept_application(marker, segment=segment)
        elif (marker, len(segment), segment[2:3]) != (_LSE, _THRESHOLDS_LENGTH, bytes([_THRESHOLDS])):
            raise Quarantined(QuarantineReason.HIDDEN_DATA)
        if segment:
            parts.append(bytes((0xFF, marker)) + segment + coded)
    if stream.frame is None or stream.scanned != set(stream.components):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return b"".join([b"\xff\xd8", *(_written(part) for part in parts), b"\xff\xd9"])


def _segments(frame: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the marker of each segment, the segment from its length on, and the coded data that follow it."""
    at = 2
    while True:
        marker, at = _marker(frame, at=at)
        if marker == _EOI:
            return
        end = at + read(UINT16, frame, at=at)
        segment = frame[at:end]
        if len(segment) < 2 or len(segment) < end - at:
            raise Quarantined(QuarantineReason.UNDECODABLE)
        at = _scan_end(frame, start=end) if marker == _SOS else end
        yield marker, segment, frame[end:at]


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


def _read_frame(stream: _Stream, *, marker: int, segment: bytes) -> None:
    if stream.frame is not None:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    stream.frame = marker
    count = segment[7] if len(segment) > 7 else 0
    if count != stream.layout.samples or len(segment) != 8 + 3 * count:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
    validate_precision(segment[2], layout=stream.layout)
    rows, columns = read(UINT16, segment, at=3), read(UINT16, segment, at=5)
    validate_size(rows=rows, columns=columns, layout=stream.layout)
    for at in range(8, len(segment), 3):
        name, sampling, quantization = segment[at : at + 3]
        stream.components[name] = _Component(
            horizontal=sampling >> 4, vertical=sampling & 0xF, quantization=quantization
        )
    if len(stream.components) != count or not all(it.horizontal and it.vertical for it in stream.components.values()):
        raise Quarantined(QuarantineReason.UNDECODABLE)


def _read_tables(stream: _Stream, *, marker: int, segment: bytes) -> list[_Table]:
    found, at = [], 2
    while at < len(segment):
        # The upper half of a quantization table's first byte says how wide its numbers are.
        length = 1 + 64 * (1 + (segment[at] >> 4)) if marker == _DQT else 17 + sum(segment[at + 1 : at + 17])
        end = at + length
        if end > len(segment):
            raise Quarantined(QuarantineReason.UNDECODABLE)
        table = _Table(kind=marker, data=segment[at:end])
        # That of a table of codes says what it codes.
        name = segment[at] & 0xF if marker == _DQT else segment[at]
        stream.tables[marker, name] = table
        found.append(table)
        at = end
    return found


def _read_scan(stream: _Stream, *, segment: bytes, coded: bytes) -> None:
    count = segment[2] if len(segment) > 2 else 0
    names = segment[3 : 3 + 2 * count : 2]
    if stream.frame is None or not count or not set(names) <= set(stream.components):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    if len(segment) != 6 + 2 * count or len(set(names)) != count or not stream.scanned.isdisjoint(names):
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
    stream.scanned.update(names)
    if stream.frame in (_BASELINE, _EXTENDED) and segment[-3:] != _ALL_COEFFICIENTS:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
    if stream.frame == _JPEG_LS:
        return
    chosen = dict(zip(names, segment[4 : 4 + 2 * count : 2], strict=True))
    blocks = [
        block
        for name in names
        for block in [_block(stream, component=stream.components[name], chosen=chosen[name])]
        * (1 if count == 1 else stream.components[name].horizontal * stream.components[name].vertical)
    ]
    units = _units(stream, component=stream.components[names[0]], is_alone=count == 1)
    validate_scan(coded, units=units, blocks=blocks, interval=stream.interval)


def _block(stream: _Stream, *, component: _Component, chosen: int) -> Block:
    dc = huffman_table(_used(stream, _DHT, chosen >> 4), is_ac=False)
    if stream.frame == _LOSSLESS:
        return Block(dc=dc, ac=None)
    _used(stream, _DQT, component.quantization)
    return Block(dc=dc, ac=huffman_table(_used(stream, _DHT, 0x10 | chosen & 0xF), is_ac=True))


def _used(stream: _Stream, kind: int, name: int) -> bytes:
    table = stream.tables.get((kind, name))
    if table is None:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    table.is_used = True
    return table.data[1:]


def _units(stream: _Stream, *, component: _Component, is_alone: bool) -> int:
    """Return the number of groups of blocks of a scan (T.81, A.2)."""
    side = 1 if stream.frame == _LOSSLESS else 8
    widest = max(it.horizontal for it in stream.components.values())
    highest = max(it.vertical for it in stream.components.values())
    rows, columns = stream.layout.rows, stream.layout.columns
    if is_alone:
        own_columns, own_rows = -(-columns * component.horizontal // widest), -(-rows * component.vertical // highest)
        return -(-own_columns // side) * -(-own_rows // side)
    return -(-columns // (side * widest)) * -(-rows // (side * highest))


def _kept_application(marker: int, *, segment: bytes) -> bytes:
    body = segment[2:]
    if marker == 0xEE and body.startswith(_ADOBE) and len(body) == _ADOBE_LENGTH:
        # The version and the flags mean nothing to decoders.
        return segment[:2] + _ADOBE_HEAD + body[-1:]
    is_colour = marker == 0xE8 and body.startswith(_JPEG_LS_COLOUR) and len(body) == _JPEG_LS_COLOUR_LENGTH
    return segment if is_colour else b""


def _written(part: bytes | list[_Table]) -> bytes:
    if isinstance(part, bytes):
        return part
    used = [table for table in part if table.is_used]
    body = b"".join(table.data for table in used)
    return bytes((0xFF, used[0].kind)) + UINT16.pack(len(body) + 2) + body if used else b""
