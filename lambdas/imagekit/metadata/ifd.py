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

_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # BYTE, SHORT, LONG, IFD, LONG8, IFD8
_SIGNED_NUMBERS = {6: "b", 8: "h", 9: "i", 17: "q"}  # SBYTE, SSHORT, SLONG, SLONG8
_INTEGERS = _WHOLE_NUMBERS | _SIGNED_NUMBERS

# All types whose values are numbers, RATIONAL (5) and SRATIONAL (10) as pairs; and those whose values are text.
_NUMBERS = _INTEGERS | {5: "II", 10: "ii", 11: "f", 12: "d"}
_TEXT = {2, 129}  # ASCII, and EXIF 3.0's UTF-8


# Cameras write about a hundred. Each entry may point at the whole file, which costs a decoder time.
_MAX_ENTRIES = 4096


class Entry(NamedTuple):
    """A tag of an IFD, before its values are read.

    Attributes
    ----------
    tag
        Its number.
    kind
        The values' type, as TIFF 6.0 numbers them.
    values
        How many values it claims to have.
    content
        Four bytes, or eight in BigTIFF: the values, or their offset.
    """

    tag: int
    kind: int
    values: int
    content: bytes


class _Layout:
    """How a TIFF structure stores numbers: its byte order, and how long its offsets are."""

    def __init__(self, order: str, *, offset: str, count: str) -> None:
        self.order = order
        self.offset = struct.Struct(f"{order}{offset}")
        self.count = struct.Struct(f"{order}{count}")
        # As many bytes of values are stored in the entry itself.
        self.entry = struct.Struct(f"{order}HH{offset}{self.offset.size}s")


_LITTLE, _BIG = _Layout("<", offset="I", count="H"), _Layout(">", offset="I", count="H")
_LAYOUTS = {
    b"II*\x00": _LITTLE,
    b"MM\x00*": _BIG,
    # Camera raw files that differ from TIFF in these bytes only: Panasonic's RW2 and Olympus' ORF.
    b"IIU\x00": _LITTLE,
    b"IIRO": _LITTLE,
    b"IIRS": _LITTLE,
    b"MMOR": _BIG,
}
# The version 43, eight bytes to an offset, and two zeros.
_BIG_TIFF_LAYOUTS = {
    b"II+\x00\x08\x00\x00\x00": _Layout("<", offset="Q", count="Q"),
    b"MM\x00+\x00\x08\x00\x00": _Layout(">", offset="Q", count="Q"),
}
_START_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class Ifd:
    """An IFD. Values are read when you ask for them.

    Attributes
    ----------
    source
        The TIFF structure.
    layout
        How the TIFF structure stores numbers.
    entries
        The fields of an `Entry` by tag. Most are never read, so `entry` makes it.
    next
        Offset of the next IFD of the chain; 0 at the end.
    """

    source: Source
    layout: _Layout
    entries: Mapping[int, tuple[int, int, int, bytes]]
    next: int

    def entry(self, tag: int) -> Entry | None:
        """Return the entry of a tag."""
        fields = self.entries.get(tag)
        return None if fields is None else Entry._make(fields)

    def numbers(self, tag: int, *, limit: int) -> list[float]:
        """Read at most `limit` numbers of a tag.

        A fraction over zero is NaN, which is in no range. The list is empty if the tag is missing, holds no numbers,
        or has its values beyond the end.
        """
        entry = self.entry(tag)
        if entry is None or entry.kind not in _NUMBERS:
            return []
        layout = _NUMBERS[entry.kind]
        content = self._content(entry, value_bytes=struct.calcsize(f"={layout}"), limit=limit)
        values = list(struct.iter_unpack(f"{self.layout.order}{layout}", content))
        if len(layout) == 1:
            return [value for (value,) in values]
        return [top / bottom if bottom else math.nan for top, bottom in values]

    def number(self, tag: int) -> float | None:
        """Read a tag's first number, as `numbers` does; None if there is none."""
        return next(iter(self.numbers(tag, limit=1)), None)

    def whole_numbers(self) -> dict[int, int]:
        """Read the tags that hold whole numbers.

        The result has the first value of each tag whose values are whole numbers and are stored in the IFD itself.
        Tags whose value is negative are left out.
        """
        found = {tag: self.whole_number(tag) for tag in self.entries}
        return {tag: number for tag, number in found.items() if number is not None}

    def whole_number(self, tag: int) -> int | None:
        """Read a tag as `whole_numbers` does; None if it is left out there."""
        entry = self.entry(tag)
        if entry is None or entry.kind not in _INTEGERS:
            return None
        layout = f"{self.layout.order}{_INTEGERS[entry.kind]}"
        # More values are stored elsewhere. No tag that callers need has more.
        if not 1 <= struct.calcsize(layout) * entry.values <= len(entry.content):
            return None
        (number,) = struct.unpack_from(layout, entry.content)
        return number if number >= 0 else None

    def text(self, tag: int, *, limit: int) -> str | None:
        """Read at most `limit` bytes of a tag's text.

        Characters that cannot be printed are dropped, and so are spaces at both ends. None if nothing remains.
        """
        content = self.text_bytes(tag, limit=limit).split(b"\0", 1)[0]
        shown = "".join(filter(str.isprintable, content.decode(errors="ignore")))
        return shown.strip() or None

    def text_bytes(self, tag: int, *, limit: int) -> bytes:
        """Read at most `limit` bytes of a tag's text as stored. Empty if the tag is missing or holds no text."""
        entry = self.entry(tag)
        if entry is None or entry.kind not in _TEXT:
            return b""
        return self._content(entry, value_bytes=1, limit=limit)

    def _content(self, entry: Entry, *, value_bytes: int, limit: int) -> bytes:
        length = value_bytes * min(entry.values, limit)
        if value_bytes * entry.values <= len(entry.content):
            return entry.content[:length]
        start = int.from_bytes(entry.content, "little" if self.layout.order == "<" else "big")
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
    return _read_ifd(source, offset=first if offset is None else offset, layout=layout)


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
        stored = source.read_at(offset, layout.count.size)
        if len(stored) < layout.count.size:
            return
        passed.add(offset)
        yield offset
        (count,) = layout.count.unpack(stored)
        end = offset + layout.count.size + count * layout.entry.size
        offset = _next_ifd(source, end=end, layout=layout)


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
        `Ifd.whole_numbers` of the IFD.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` if there is no TIFF structure, or it is truncated.
    """
    return read_ifd(source, offset=offset).whole_numbers()


def linked_ifd(first: Ifd | None, tag: int) -> Ifd | None:
    """Read the IFD that a tag of another one points at; None if the tag is missing or points at no IFD."""
    try:
        offset = first.number(tag) if first is not None else None
        if first is None or not isinstance(offset, int) or offset < 0:
            return None
        return _read_ifd(first.source, offset=offset, layout=first.layout)
    except ImageRejected:
        return None


def is_big_tiff(source: Source) -> bool:
    """Return whether a TIFF structure is BigTIFF."""
    return source.read_at(0, _START_BYTES) in _BIG_TIFF_LAYOUTS


def _layout_and_first_offset(source: Source) -> tuple[_Layout, int]:
    start = read_exactly(source, 0, _START_BYTES)
    layout = _LAYOUTS.get(start[:4])
    if layout is not None:
        return layout, layout.offset.unpack(start[4:])[0]
    layout = _BIG_TIFF_LAYOUTS.get(start)
    if layout is None:
        raise unreadable("no TIFF structure")
    return layout, layout.offset.unpack(read_exactly(source, _START_BYTES, layout.offset.size))[0]


def _read_ifd(source: Source, *, offset: int, layout: _Layout) -> Ifd:
    (count,) = layout.count.unpack(read_exactly(source, offset, layout.count.size))
    if count > _MAX_ENTRIES:
        raise unreadable("a directory of too many entries")
    start, length = offset + layout.count.size, count * layout.entry.size
    entries = {fields[0]: fields for fields in layout.entry.iter_unpack(read_exactly(source, start, length))}
    return Ifd(source=source, layout=layout, entries=entries, next=_next_ifd(source, end=start + length, layout=layout))


def _next_ifd(source: Source, *, end: int, layout: _Layout) -> int:
    # EXIF data may end with its last IFD, without the offset of a next one.
    stored = source.read_at(end, layout.offset.size).ljust(layout.offset.size, b"\0")
    following: int = layout.offset.unpack(stored)[0]
    return following
