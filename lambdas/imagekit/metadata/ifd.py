"""Image file directories (IFDs): the tag lists of TIFF files, EXIF data and most camera raw files (TIFF 6.0).

BigTIFF has the same structure with offsets and counts of eight bytes (libtiff's BigTIFF specification).

Every offset is counted from the start of the source, so pass a source that begins where the TIFF structure does.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import Source, read_exactly

WIDTH = 256
HEIGHT = 257
EXIF_IFD = 34665
"""The tag that links to EXIF's own directory."""

_BYTE_ORDERS = {
    b"II*\x00": "<",
    b"MM\x00*": ">",
    # Camera raw files that differ from TIFF in these bytes only: Panasonic's RW2 and Olympus' ORF.
    b"IIU\x00": "<",
    b"IIRO": "<",
    b"IIRS": "<",
    b"MMOR": ">",
}
# The version 43, offsets of eight bytes, and two zeros.
_BIG_BYTE_ORDERS = {b"II+\x00\x08\x00\x00\x00": "<", b"MM\x00+\x00\x08\x00\x00": ">"}
_BIG_START_BYTES = 8
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # BYTE, SHORT, LONG, IFD, LONG8, IFD8

# All types whose values are numbers, RATIONAL (5) and SRATIONAL (10) as pairs; and those whose values are text.
_NUMBERS = _WHOLE_NUMBERS | {5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d", 17: "q"}
_TEXT = {2, 129}  # ASCII, and EXIF 3.0's UTF-8


# Cameras write about a hundred. Each entry may point at the whole file, which costs a decoder time.
_MAX_ENTRIES = 4096


class Entry(NamedTuple):
    """A tag of an IFD, before its values are read.

    Attributes
    ----------
    kind
        The values' type, as TIFF 6.0 numbers them.
    values
        How many values it claims to have.
    content
        Four bytes, or eight in BigTIFF: the values, or their offset.
    """

    kind: int
    values: int
    content: bytes


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """How a TIFF structure stores numbers, as `struct` names them: byte order, offsets and counts of entries."""

    order: str
    offset: str
    count: str

    @property
    def offset_bytes(self) -> int:
        """Also how many bytes of values an entry can hold."""
        return struct.calcsize(f"={self.offset}")

    @property
    def count_bytes(self) -> int:
        return struct.calcsize(f"={self.count}")

    @property
    def entry_bytes(self) -> int:
        return 4 + 2 * self.offset_bytes

    def read(self, kind: str, content: bytes) -> int:
        number: int = struct.unpack(f"{self.order}{kind}", content)[0]
        return number


@dataclass(frozen=True, kw_only=True)
class Ifd:
    """An IFD. Values are read when you ask for them.

    Attributes
    ----------
    source
        The TIFF structure.
    order
        `<` or `>`, as in `struct`.
    entries
        By tag.
    next
        Offset of the next IFD of the chain; 0 at the end.
    """

    source: Source
    order: str
    entries: Mapping[int, Entry]
    next: int

    def numbers(self, tag: int, *, limit: int) -> list[float]:
        """Read at most `limit` numbers of a tag.

        A fraction over zero is NaN, which is in no range. The list is empty if the tag is missing, holds no numbers,
        or has its values beyond the end.
        """
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _NUMBERS:
            return []
        layout = _NUMBERS[entry.kind]
        content = self._content(entry, value_bytes=struct.calcsize(f"={layout}"), limit=limit)
        values = list(struct.iter_unpack(f"{self.order}{layout}", content))
        if len(layout) == 1:
            return [value for (value,) in values]
        return [top / bottom if bottom else math.nan for top, bottom in values]

    def number(self, tag: int) -> float | None:
        """Read a tag's first number, as `numbers` does; None if there is none."""
        return next(iter(self.numbers(tag, limit=1)), None)

    def text(self, tag: int, *, limit: int) -> str | None:
        """Read at most `limit` bytes of a tag's text.

        Characters that cannot be printed are dropped, and so are spaces at both ends. None if nothing remains.
        """
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _TEXT:
            return None
        content = self._content(entry, value_bytes=1, limit=limit).split(b"\0", 1)[0]
        shown = "".join(letter for letter in content.decode(errors="ignore") if letter.isprintable())
        return shown.strip() or None

    def _content(self, entry: Entry, *, value_bytes: int, limit: int) -> bytes:
        length = value_bytes * min(entry.values, limit)
        if value_bytes * entry.values <= len(entry.content):
            return entry.content[:length]
        start = int.from_bytes(entry.content, "little" if self.order == "<" else "big")
        content = self.source.read_at(start, length)
        return content if len(content) == length else b""


def read_ifd(source: Source, *, offset: int | None = None) -> Ifd:
    """Read an IFD, but not the values that are stored outside of it.

    Parameters
    ----------
    source
        The TIFF structure.
    offset
        Where the IFD is. Default: the first one.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` if there is no TIFF structure, or it is truncated.
    """
    layout, first = _layout_and_first_offset(source)
    at = first if offset is None else offset
    entries = {
        tag: Entry(kind, values, content) for tag, kind, values, content in _entries(source, offset=at, layout=layout)
    }
    return Ifd(source=source, order=layout.order, entries=entries, next=_next_ifd(source, offset=at, layout=layout))


def ifd_offsets(source: Source) -> Iterator[int]:
    """Follow the chain of IFDs up to its end, up to where it is broken, or up to an IFD that it already had.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` if there is no TIFF structure.
    """
    layout, offset = _layout_and_first_offset(source)
    passed: set[int] = set()
    while offset and offset not in passed:
        if len(source.read_at(offset, layout.count_bytes)) < layout.count_bytes:
            return
        passed.add(offset)
        yield offset
        offset = _next_ifd(source, offset=offset, layout=layout)


def read_tags(source: Source, *, offset: int | None = None) -> dict[int, int]:
    """Read the tags of an IFD that hold whole numbers.

    Parameters
    ----------
    source
        The TIFF structure.
    offset
        Where the IFD is. Default: the first one.

    Returns
    -------
    dict
        The first value of each tag whose type is a whole number without a sign, and whose values are stored in the IFD
        itself.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` if there is no TIFF structure, or it is truncated.
    """
    layout, first = _layout_and_first_offset(source)
    tags = {}
    for tag, kind, values, content in _entries(source, offset=first if offset is None else offset, layout=layout):
        # More values are stored elsewhere. No tag that callers need has more.
        number = _WHOLE_NUMBERS.get(kind)
        if number is not None and 1 <= values * struct.calcsize(f"={number}") <= layout.offset_bytes:
            tags[tag] = layout.read(number, content[: struct.calcsize(f"={number}")])
    return tags


def read_offsets(source: Source, *, tag: int, limit: int) -> list[int]:
    """Read at most `limit` offsets from a tag of the first IFD, such as those of its sub-IFDs.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` if there is no TIFF structure, or it is truncated.
    """
    layout, first = _layout_and_first_offset(source)
    for found, kind, values, content in _entries(source, offset=first, layout=layout):
        if found == tag and values >= 1 and _WHOLE_NUMBERS.get(kind) == "I":
            count = min(values, limit)
            if 4 * values > layout.offset_bytes:
                content = read_exactly(source, layout.read(layout.offset, content), 4 * count)
            return list(struct.unpack_from(f"{layout.order}{count}I", content))
    return []


def linked_ifd(first: Ifd | None, tag: int) -> Ifd | None:
    """Read the IFD that a tag of another one points at; None if the tag is missing or points at no IFD."""
    try:
        offset = first.number(tag) if first is not None else None
        if first is None or not isinstance(offset, int) or offset < 0:
            return None
        return read_ifd(first.source, offset=offset)
    except ImageRejected:
        return None


def is_big_tiff(source: Source) -> bool:
    """Return whether a TIFF structure is BigTIFF."""
    return source.read_at(0, _BIG_START_BYTES) in _BIG_BYTE_ORDERS


def _layout_and_first_offset(source: Source) -> tuple[_Layout, int]:
    if is_big_tiff(source):
        layout = _Layout(order=_BIG_BYTE_ORDERS[source.read_at(0, _BIG_START_BYTES)], offset="Q", count="Q")
        return layout, layout.read(layout.offset, read_exactly(source, _BIG_START_BYTES, layout.offset_bytes))
    start = read_exactly(source, 0, 8)
    order = _BYTE_ORDERS.get(start[:4])
    if order is None:
        raise unreadable("no TIFF structure")
    layout = _Layout(order=order, offset="I", count="H")
    return layout, layout.read(layout.offset, start[4:])


def _entries(source: Source, *, offset: int, layout: _Layout) -> Iterator[tuple[int, int, int, bytes]]:
    count = layout.read(layout.count, read_exactly(source, offset, layout.count_bytes))
    if count > _MAX_ENTRIES:
        raise unreadable("a directory of too many entries")
    content = read_exactly(source, offset + layout.count_bytes, count * layout.entry_bytes)
    return struct.iter_unpack(f"{layout.order}HH{layout.offset}{layout.offset_bytes}s", content)


def _next_ifd(source: Source, *, offset: int, layout: _Layout) -> int:
    count = layout.read(layout.count, read_exactly(source, offset, layout.count_bytes))
    # EXIF data may end with its last IFD, without the offset of a next one.
    end = source.read_at(offset + layout.count_bytes + count * layout.entry_bytes, layout.offset_bytes)
    return layout.read(layout.offset, end.ljust(layout.offset_bytes, b"\0"))
