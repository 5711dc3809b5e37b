"""Walks through the packets of a tile of JPEG 2000 (T.800, annex B), to find where they end. Nothing is decoded."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dicomkit.quarantine import Quarantined, QuarantineReason

_SOP, _SOP_LENGTH, _EPH = b"\xff\x91\0\4", 6, b"\xff\x92"
# Styles of code blocks (T.800, table A.19).
_BYPASS, _EVERY_PASS_ENDS = 0x01, 0x04
_UNLIMITED = 1 << 10
_FIRST_LENGTH_BITS = 3


@dataclass(frozen=True, kw_only=True)
class Coding:
    """How a component is coded: COD or COC. `precincts`: exponents of width and height, by resolution."""

    levels: int
    block_width: int
    block_height: int
    block_style: int
    precincts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component of a tile, in its own samples. `dx`, `dy`: the grid's points a sample."""

    left: int
    top: int
    right: int
    bottom: int
    dx: int
    dy: int
    coding: Coding


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A tile. `left`, `top`: on the reference grid. `order`: of packets, 0 to 4 (T.800, table A.16)."""

    left: int
    top: int
    components: tuple[Component, ...]
    order: int
    layers: int
    has_sop: bool
    has_eph: bool


@dataclass
class _Block:
    length_bits: int = 0
    # How many passes the last segment of the block has, and can have.
    passes: int = 0
    most: int = 0


class _Tree:
    """A tag tree (T.800, B.10.2)."""

    def __init__(self, *, columns: int, rows: int) -> None:
        self._sides = [(columns, rows)]
        while self._sides[-1] != (1, 1):
            columns, rows = -(-columns // 2), -(-rows // 2)
            self._sides.append((columns, rows))
        self._lows = [[0] * (columns * rows) for columns, rows in self._sides]
        self._known = [[False] * (columns * rows) for columns, rows in self._sides]

    def is_below(self, bits: "_Bits", *, column: int, row: int, threshold: int) -> bool:
        low = 0
        for level in range(len(self._sides) - 1, -1, -1):
            at = (row >> level) * self._sides[level][0] + (column >> level)
            lows, known = self._lows[level], self._known[level]
            low = max(low, lows[at])
            while low < threshold and not known[at]:
                if bits.read(1):
                    known[at] = True
                else:
                    low += 1
            lows[at] = low
        return self._known[0][row * self._sides[0][0] + column] and low < threshold


class _Bits:
    """The bits of a packet's header. After a byte FF, a bit is stuffed (T.800, B.10.1)."""

    def __init__(self, data: bytes, *, at: int) -> None:
        self._data, self._at, self._byte, self._left = data, at, 0, 0

    def read(self, count: int) -> int:
        value = 0
        for _ in range(count):
            if not self._left:
                self._left = 7 if self._byte == 0xFF else 8
                self._byte = _byte(self._data, at=self._at)
                self._at += 1
            self._left -= 1
            value = value << 1 | self._byte >> self._left & 1
        return value

    def end(self) -> int:
        """Return where the header ends."""
        return self._at + (self._byte == 0xFF)


def _byte(data: bytes, *, at: int) -> int:
    if at >= len(data):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return data[at]


@dataclass
class _Band:
    """The code blocks of a band that are in a precinct."""

    columns: int
    rows: int
    style: int
    blocks: list[_Block] = field(init=False)
    included: _Tree = field(init=False)
    planes: _Tree = field(init=False)

    def __post_init__(self) -> None:
        self.blocks = [_Block() for _ in range(self.columns * self.rows)]
        self.included = _Tree(columns=self.columns, rows=self.rows)
        self.planes = _Tree(columns=self.columns, rows=self.rows)

    def length(self, bits: _Bits, *, layer: int) -> int:
        """Return how many bytes of the band are in a packet, from its header."""
        return sum(
            self._block_length(bits, number=number)
            for number in range(len(self.blocks))
            if self._is_included(bits, number=number, layer=layer)
        )

    def _is_included(self, bits: _Bits, *, number: int, layer: int) -> bool:
        if self.blocks[number].length_bits:
            return bits.read(1) == 1
        row, column = divmod(number, self.columns)
        return self.included.is_below(bits, column=column, row=row, threshold=layer + 1)

    def _block_length(self, bits: _Bits, *, number: int) -> int:
        block = self.blocks[number]
        if not block.length_bits:
            row, column = divmod(number, self.columns)
            planes = 1
            while not self.planes.is_below(bits, column=column, row=row, threshold=planes):
                planes += 1
            block.length_bits = _FIRST_LENGTH_BITS
        passes = _passes(bits)
        while bits.read(1):
            block.length_bits += 1
        length = 0
        while passes:
            if block.passes == block.most:
                block.passes, block.most = 0, self._most(block.most)
            now = min(passes, block.most - block.passes)
            length += bits.read(block.length_bits + now.bit_length() - 1)
            block.passes += now
            passes -= now
        return length

    def _most(self, before: int) -> int:
        """Return how many passes the next segment can have (T.800, D.4.2 and D.6)."""
        if self.style & _EVERY_PASS_ENDS:
            return 1
        if not self.style & _BYPASS:
            return _UNLIMITED
        return 10 if not before else 1 if before == 2 else 2


def _passes(bits: _Bits) -> int:
    # T.800, table B.4.
    for count, start, marker in ((1, 1, 0), (1, 2, 0), (2, 3, 3), (5, 6, 31)):
        value = bits.read(count)
        if value != (1 if count == 1 else marker):
            return start + value
    return 37 + bits.read(7)


@dataclass(frozen=True, kw_only=True)
class _Precinct:
    """`x`, `y`: its corner on the reference grid."""

    component: int
    resolution: int
    number: int
    x: int
    y: int
    bands: list[_Band]


def packets_end(data: bytes, *, tile: Tile) -> int:
    """Return where the packets of a tile end, of which some can be missing at the end.

    `data`: what follows the headers of the tile's parts.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if the data end in a packet. `HIDDEN_DATA` if a packet has a wrong number.
    """
    at = 0
    for number, (layer, precinct) in enumerate(_packets(tile)):
        if at == len(data):
            break
        if tile.has_sop and data.startswith(_SOP, at):
            if data[at + 4 : at + _SOP_LENGTH] != (number & 0xFFFF).to_bytes(2, "big"):
                raise Quarantined(QuarantineReason.HIDDEN_DATA)
            at += _SOP_LENGTH
        bits = _Bits(data, at=at)
        length = sum(band.length(bits, layer=layer) for band in precinct.bands) if bits.read(1) else 0
        at = bits.end()
        if tile.has_eph and data.startswith(_EPH, at):
            at += len(_EPH)
        at += length
        if at > len(data):
            raise Quarantined(QuarantineReason.UNDECODABLE)
    return at


def _packets(tile: Tile) -> Iterator[tuple[int, _Precinct]]:
    precincts = [
        precinct
        for number, component in enumerate(tile.components)
        for precinct in _precincts(tile, component=component, number=number)
    ]
    packets = [(layer, it) for layer in range(tile.layers) for it in precincts]
    yield from sorted(packets, key=lambda packet: _place(*packet, order=tile.order))


def _place(layer: int, it: _Precinct, *, order: int) -> tuple[int, ...]:
    """Return the place of a packet in the order of its tile (T.800, B.12.1)."""
    if order == 0:
        return layer, it.resolution, it.component, it.number
    if order == 1:
        return it.resolution, layer, it.component, it.number
    if order == 2:
        return it.resolution, it.y, it.x, it.component, it.number, layer
    if order == 3:
        return it.y, it.x, it.component, it.resolution, it.number, layer
    return it.component, it.y, it.x, it.resolution, it.number, layer


def _precincts(tile: Tile, *, component: Component, number: int) -> Iterator[_Precinct]:
    coding = component.coding
    for resolution in range(coding.levels + 1):
        shift = coding.levels - resolution
        width, height = coding.precincts[resolution]
        left, right = _divided(component.left, shift), _divided(component.right, shift)
        top, bottom = _divided(component.top, shift), _divided(component.bottom, shift)
        if left >= right or top >= bottom:
            continue
        columns = range(left >> width, _divided(right, width))
        rows = range(top >> height, _divided(bottom, height))
        for count, (row, column) in enumerate((row, column) for row in rows for column in columns):
            yield _Precinct(
                component=number,
                resolution=resolution,
                number=count,
                x=max(tile.left, (column << width + shift) * component.dx),
                y=max(tile.top, (row << height + shift) * component.dy),
                bands=list(_bands(component, resolution=resolution, column=column, row=row)),
            )


def _bands(component: Component, *, resolution: int, column: int, row: int) -> Iterator[_Band]:
    coding = component.coding
    width, height = coding.precincts[resolution]
    if resolution:
        # Each band has half of the resolution's samples.
        width, height = width - 1, height - 1
    level = coding.levels - resolution + 1 if resolution else coding.levels
    for right_half, lower_half in ((1, 0), (0, 1), (1, 1)) if resolution else ((0, 0),):
        left, right = (_of_band(it, half=right_half, level=level) for it in (component.left, component.right))
        top, bottom = (_of_band(it, half=lower_half, level=level) for it in (component.top, component.bottom))
        left, right = max(left, column << width), min(right, column + 1 << width)
        top, bottom = max(top, row << height), min(bottom, row + 1 << height)
        if left < right and top < bottom:
            block_width, block_height = min(coding.block_width, width), min(coding.block_height, height)
            yield _Band(
                columns=_divided(right, block_width) - (left >> block_width),
                rows=_divided(bottom, block_height) - (top >> block_height),
                style=coding.block_style,
            )


def _divided(value: int, shift: int) -> int:
    """Return a value divided by a power of two, rounded up."""
    return -(-value >> shift)


def _of_band(value: int, *, half: int, level: int) -> int:
    # T.800, equation B-15.
    return _divided(value - (half << level - 1), level) if level else value
