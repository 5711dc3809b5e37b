"""Walks through the coded samples of a scan of JPEG (T.81, annexes F and H), to find where they end.

Nothing is decoded: the Huffman code of a value says how many bits follow. All positions of bits are looked up at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dicomkit.quarantine import Quarantined, QuarantineReason

_RESTART = re.compile(rb"\xff+([\xd0-\xd7])")
_BLOCK = 64
_CODE_BITS = 16
# Of a run of 16 zeros, and of the end of a block.
_ZEROS, _END = 0xF0, 0x00
# A difference of this category has no further bits (T.81, H.1.2.2).
_WHOLE_DIFFERENCE = 16
# Longer than any value: a code of no table leads out of the data.
_INVALID = 255


@dataclass(frozen=True, kw_only=True)
class HuffmanTable:
    """How many bits a value takes, and how many coefficients it means, for each of the 65,536 next 16 bits."""

    bits: npt.NDArray[np.uint8]
    steps: npt.NDArray[np.uint8]


def huffman_table(table: bytes, *, is_ac: bool) -> HuffmanTable:
    """Read a table: 16 numbers of codes by length, and their symbols.

    Raises
    ------
    Quarantined
        `HIDDEN_DATA` if a symbol is there twice, or is none.
    """
    counts, symbols = table[:_CODE_BITS], table[_CODE_BITS:]
    valid = len(set(symbols)) == len(symbols) and (is_ac or max(symbols, default=0) <= _WHOLE_DIFFERENCE)
    if not valid:
        raise Quarantined(QuarantineReason.HIDDEN_DATA)
    bits = np.full(1 << _CODE_BITS, _INVALID, np.uint8)
    steps = np.full(1 << _CODE_BITS, _BLOCK, np.uint8)
    start, number = 0, 0
    for length, count in enumerate(counts, start=1):
        for symbol in symbols[number : number + count]:
            end = start + (1 << (_CODE_BITS - length))
            bits[start:end], steps[start:end] = _meaning(symbol, length=length, is_ac=is_ac)
            start = end
        number += count
    return HuffmanTable(bits=bits, steps=steps)


def _meaning(symbol: int, *, length: int, is_ac: bool) -> tuple[int, int]:
    if not is_ac:
        return length + (0 if symbol == _WHOLE_DIFFERENCE else symbol), 1
    if symbol & 0xF == 0 and symbol != _ZEROS:
        return length, _BLOCK
    return length + (symbol & 0xF), (symbol >> 4) + 1


@dataclass(frozen=True, kw_only=True)
class Block:
    """The tables of a block of coefficients. `ac`: None for a sample of lossless JPEG."""

    dc: HuffmanTable
    ac: HuffmanTable | None


def validate_scan(data: bytes, *, units: int, blocks: Sequence[Block], interval: int) -> None:
    """Validate that a scan ends with its last block.

    `data`: the coded data with restart markers. `units`: how many groups of `blocks` there are. `interval`: the groups
    between two restart markers, or 0.

    Raises
    ------
    Quarantined
        `HIDDEN_DATA` if bytes follow. `UNDECODABLE` if the data end before.
    """
    parts = _RESTART.split(data)
    _validate_restarts([marker[0] for marker in parts[1::2]], units=units, interval=interval)
    left = units
    for part in parts[::2]:
        wanted = min(interval, left) if interval else left
        left -= wanted
        _validate_part(part.rstrip(b"\xff").replace(b"\xff\0", b"\xff"), units=wanted, blocks=blocks)


def _validate_restarts(markers: list[int], *, units: int, interval: int) -> None:
    wanted = (units - 1) // interval if interval else 0
    if markers != [0xD0 + number % 8 for number in range(wanted)]:
        raise Quarantined(QuarantineReason.HIDDEN_DATA if len(markers) > wanted else QuarantineReason.UNDECODABLE)


def _validate_part(part: bytes, *, units: int, blocks: Sequence[Block]) -> None:
    nexts = _next_bits(part)
    try:
        end = _end_of_samples(nexts, units=units, blocks=blocks) if blocks[0].ac is None else _end(nexts, units, blocks)
    except IndexError:
        raise Quarantined(QuarantineReason.UNDECODABLE) from None
    if end > 8 * len(part):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    if end <= 8 * (len(part) - 1):
        raise Quarantined(QuarantineReason.HIDDEN_DATA)


def _next_bits(part: bytes) -> npt.NDArray[np.uint16]:
    """Return the next 16 bits at each bit."""
    padded = np.frombuffer(part + b"\xff\xff", np.uint8).astype(np.uint32)
    three = padded[:-2] << 16 | padded[1:-1] << 8 | padded[2:]
    nexts: npt.NDArray[np.uint16] = (three[:, None] >> np.arange(8, 0, -1, dtype=np.uint32)).astype(np.uint16)
    return nexts.reshape(-1)


def _end_of_samples(nexts: npt.NDArray[np.uint16], *, units: int, blocks: Sequence[Block]) -> int:
    bits = [block.dc.bits[nexts].data for block in blocks]
    at = 0
    for _ in range(units):
        for one in bits:
            at += one[at]
    return at


def _end(nexts: npt.NDArray[np.uint16], units: int, blocks: Sequence[Block]) -> int:
    looked_up = {
        id(table): (table.bits[nexts].data, table.steps[nexts].data)
        for block in blocks
        for table in (block.dc, block.ac)
        if table is not None
    }
    tables = [(looked_up[id(block.dc)][0], *looked_up[id(block.ac)]) for block in blocks]
    at = 0
    for _ in range(units):
        for dc, ac, steps in tables:
            at += dc[at]
            coefficient = 1
            while coefficient < _BLOCK:
                coefficient += steps[at]
                at += ac[at]
    return at
