"""One frame of JPEG 2000: nothing but what a decoder needs."""

from dataclasses import dataclass, field

from dicomkit.jpeg_2000_packets import Coding, Component, Tile, packets_end
from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.streams import UINT16, UINT32, read, validate_precision, validate_size

_SOC, _SIZ, _COD, _COC, _QCD, _QCC, _RGN = 0xFF4F, 0xFF51, 0xFF52, 0xFF53, 0xFF5C, 0xFF5D, 0xFF5E
_SOT, _SOD, _EOC = 0xFF90, 0xFF93, 0xFFD9
# Lengths of packets and tiles, positions of colours, and comments: no decoder needs them.
_TLM, _PLM, _PLT, _CRG, _COM = 0xFF55, 0xFF57, 0xFF58, 0xFF63, 0xFF64
_DROPPED = frozenset({_TLM, _PLM, _CRG, _COM})
_SOT_LENGTH = 12
_MOST_TILES, _MOST_LEVELS, _ORDERS = 65_535, 32, 5
_HAS_PRECINCTS, _HAS_SOP, _HAS_EPH = 0x01, 0x02, 0x04
# The largest precinct: 2 to the power of 15.
_WHOLE = (15, 15)
# T.814's blocks (HTJ2K) are of another kind.
_HIGH_THROUGHPUT = 0x40


@dataclass(frozen=True, kw_only=True)
class _Size:
    right: int
    bottom: int
    left: int
    top: int
    tile_width: int
    tile_height: int
    tile_left: int
    tile_top: int
    sampling: tuple[tuple[int, int], ...]


@dataclass
class _Codings:
    """COD and COC, of the stream or of a tile."""

    style: int = 0
    order: int = 0
    layers: int = 0
    default: Coding | None = None
    own: dict[int, Coding] = field(default_factory=dict)


@dataclass
class _TileParts:
    codings: _Codings
    data: list[bytes] = field(default_factory=list)


def plain_jpeg_2000(frame: bytes, *, layout: Layout) -> bytes:
    """Return a JPEG 2000 codestream without what no decoder needs in its header, and without bytes behind its end.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if it is none, if it is a JP2 file, which PS3.5, A.4.4 forbids, or if its size is not the
        layout's. `HIDDEN_DATA` if there are other segments, a comment or lengths of packets in a tile's header, more
        components or more bits than the layout's, or bytes behind the packets of a tile.
    """
    if read(UINT16, frame, at=0) != _SOC or read(UINT16, frame, at=2) != _SIZ:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    size, codings, parts, at = _read_size(frame, layout=layout), _Codings(), [frame[:2]], 2
    while (marker := read(UINT16, frame, at=at)) != _SOT:
        segment, end = _segment(frame, at=at)
        if marker not in _DROPPED:
            _read_segment(codings, marker=marker, segment=segment, components=layout.samples, may_size=at == 2)
            parts.append(frame[at:end])
        at = end
    end = _validate_tiles(frame, start=at, size=size, codings=codings)
    return b"".join([*parts, frame[at:end], b"\xff\xd9"])


def _segment(frame: bytes, *, at: int) -> tuple[bytes, int]:
    """Return what follows the length of a segment, and where the segment ends."""
    length = read(UINT16, frame, at=at + 2)
    if length < 2 or at + 2 + length > len(frame):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return frame[at + 4 : at + 2 + length], at + 2 + length


def _read_size(frame: bytes, *, layout: Layout) -> _Size:
    numbers = [read(UINT32, frame, at=8 + 4 * number) for number in range(8)]
    right, bottom, left, top = numbers[:4]
    validate_size(rows=bottom - top, columns=right - left, layout=layout)
    count = read(UINT16, frame, at=40)
    segment, _ = _segment(frame, at=2)
    if count != layout.samples or len(segment) != 36 + 3 * count:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
    sampling = []
    for at in range(36, len(segment), 3):
        # The upper bit says whether samples are signed.
        validate_precision((segment[at] & 0x7F) + 1, layout=layout)
        sampling.append((segment[at + 1], segment[at + 2]))
    size = _Size(
        right=right,
        bottom=bottom,
        left=left,
        top=top,
        tile_width=numbers[4],
        tile_height=numbers[5],
        tile_left=numbers[6],
        tile_top=numbers[7],
        sampling=tuple(sampling),
    )
    is_valid = size.tile_width and size.tile_height and size.tile_left <= left and size.tile_top <= top
    if not is_valid or not all(dx and dy for dx, dy in sampling):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return size


def _read_segment(codings: _Codings, *, marker: int, segment: bytes, components: int, may_size: bool) -> None:
    """Read how components are coded. What a decoder does not need is hidden."""
    if marker == _COD and len(segment) >= 10:
        codings.style, codings.order = segment[0], segment[1]
        codings.layers = read(UINT16, segment, at=2)
        codings.default = _coding(segment[5:], has_precincts=bool(codings.style & _HAS_PRECINCTS))
        if codings.order >= _ORDERS or not codings.layers:
            raise Quarantined(QuarantineReason.UNDECODABLE)
    elif marker == _COC and len(segment) >= 7 and segment[0] < components:
        codings.own[segment[0]] = _coding(segment[2:], has_precincts=bool(segment[1] & _HAS_PRECINCTS))
    elif marker == _QCD:
        _validate_quantization(segment)
    elif marker == _QCC and segment[:1] and segment[0] < components:
        _validate_quantization(segment[1:])
    elif not (marker == _RGN and len(segment) == 3 and segment[0] < components) and not (may_size and marker == _SIZ):
        raise Quarantined(QuarantineReason.HIDDEN_DATA)


def _coding(told: bytes, *, has_precincts: bool) -> Coding:
    levels, width, height, style = told[0], told[1] + 2, told[2] + 2, told[3]
    if levels > _MOST_LEVELS or max(width, height) > 10 or style & _HIGH_THROUGHPUT:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    # The byte before the precincts names the wavelet.
    sizes = told[5:]
    if len(sizes) != (levels + 1 if has_precincts else 0):
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
    precincts = tuple((it & 0xF, it >> 4) for it in sizes) or (_WHOLE,) * (levels + 1)
    if any(not width or not height for width, height in precincts[1:]):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return Coding(levels=levels, block_width=width, block_height=height, block_style=style, precincts=precincts)


def _validate_quantization(segment: bytes) -> None:
    # T.800, A.6.4: a byte a band, two for the first band only, or two bytes a band.
    style = segment[0] & 0x1F if segment else 3
    bands = len(segment) - 1 if style == 0 else (len(segment) - 1) / 2
    if style > 2 or (style == 1 and bands != 1) or (style != 1 and (bands - 1) % 3) or bands > 1 + 3 * _MOST_LEVELS:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)


def _validate_tiles(frame: bytes, *, start: int, size: _Size, codings: _Codings) -> int:
    at, tiles = start, dict[int, _TileParts]()
    while (marker := read(UINT16, frame, at=at)) != _EOC:
        number, length = read(UINT16, frame, at=at + 4), read(UINT32, frame, at=at + 6)
        if marker != _SOT or read(UINT16, frame, at=at + 2) != 10 or (length and length < _SOT_LENGTH):
            raise Quarantined(QuarantineReason.UNDECODABLE)
        # Length 0: the last tile, up to the end of the stream.
        end = at + length if length else frame.rindex(b"\xff\xd9")
        parts = tiles.setdefault(number, _TileParts(codings=_copied(codings)))
        inside = at + _SOT_LENGTH
        while (marker := read(UINT16, frame, at=inside)) != _SOD:
            segment, inside_end = _segment(frame, at=inside)
            _read_segment(parts.codings, marker=marker, segment=segment, components=len(size.sampling), may_size=False)
            inside = inside_end
        if inside + 2 > end or end > len(frame):
            raise Quarantined(QuarantineReason.UNDECODABLE)
        parts.data.append(frame[inside + 2 : end])
        at = end
    for number, parts in tiles.items():
        data = b"".join(parts.data)
        if packets_end(data, tile=_tile(number, size=size, codings=parts.codings)) < len(data):
            raise Quarantined(QuarantineReason.HIDDEN_DATA)
    return at


def _copied(codings: _Codings) -> _Codings:
    return _Codings(
        style=codings.style,
        order=codings.order,
        layers=codings.layers,
        default=codings.default,
        own=dict(codings.own),
    )


def _tile(number: int, *, size: _Size, codings: _Codings) -> Tile:
    columns = -(-(size.right - size.tile_left) // size.tile_width)
    rows = -(-(size.bottom - size.tile_top) // size.tile_height)
    if number >= columns * rows or codings.default is None:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    row, column = divmod(number, columns)
    left = max(size.left, size.tile_left + column * size.tile_width)
    top = max(size.top, size.tile_top + row * size.tile_height)
    right = min(size.right, size.tile_left + (column + 1) * size.tile_width)
    bottom = min(size.bottom, size.tile_top + (row + 1) * size.tile_height)
    return Tile(
        left=left,
        top=top,
        components=tuple(
            Component(
                left=-(-left // dx),
                top=-(-top // dy),
                right=-(-right // dx),
                bottom=-(-bottom // dy),
                dx=dx,
                dy=dy,
                coding=codings.own.get(component, codings.default),
            )
            for component, (dx, dy) in enumerate(size.sampling)
        ),
        order=codings.order,
        layers=codings.layers,
        has_sop=bool(codings.style & _HAS_SOP),
        has_eph=bool(codings.style & _HAS_EPH),
    )
