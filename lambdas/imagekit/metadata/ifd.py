"""The tag directory that TIFF files, EXIF data and most camera raw files share (TIFF 6.0, section 2)."""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from imagekit.formats.header import UPRIGHT
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import Source, read_exactly

WIDTH = 256
HEIGHT = 257
ORIENTATION = 274

_BYTE_ORDERS = {
    b"II*\x00": "<",
    b"MM\x00*": ">",
    # Camera raw files that differ from TIFF in these bytes alone: Panasonic's RW2 and Olympus' ORF.
    b"IIU\x00": "<",
    b"IIRO": "<",
    b"IIRS": "<",
    b"MMOR": ">",
}
_FORMATS = {1: "B", 3: "H", 4: "I", 13: "I"}  # BYTE, SHORT, LONG, IFD
_ENTRY_BYTES = 12

# All the kinds whose values are numbers, RATIONAL (5) and SRATIONAL (10) as pairs; and those whose values are text.
_NUMBERS = _FORMATS | {5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d"}
_TEXT = {2, 129}  # ASCII, and EXIF 3.0's UTF-8


# No writer comes near: a camera writes some hundred. Each may point at the whole file, which takes a decoder its time.
_MAX_ENTRIES = 4096


class Entry(NamedTuple):
    """A tag of a directory, its values not read yet.

    Attributes
    ----------
    kind
        The values' type, as TIFF 6.0 numbers them.
    values
        How many it claims to have.
    content
        Four bytes: the values, or where they stand.
    """

    kind: int
    values: int
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Directory:
    """A directory of tags, from which single values are read as they are asked for.

    Attributes
    ----------
    source
        What the TIFF structure stands in, from its first byte on.
    order
        `<` or `>`, as `struct` has them.
    entries
        By tag.
    next
        Where the next directory of the chain is; 0 where there is none.
    """

    source: Source
    order: str
    entries: Mapping[int, Entry]
    next: int

    def numbers(self, tag: int, *, limit: int) -> list[float]:
        """Read a tag's numbers; a fraction over zero is NaN, which is in no range.

        Parameters
        ----------
        tag
            Which tag.
        limit
            The most values that are read, however many the tag claims to have.

        Returns
        -------
        list of float
            Empty where the tag is missing, is no number, or has its values beyond the end.
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
        """Read a tag's first number, as `numbers` does; None in place of nothing."""
        return next(iter(self.numbers(tag, limit=1)), None)

    def text(self, tag: int, *, limit: int) -> str | None:
        """Read a tag's text.

        Parameters
        ----------
        tag
            Which tag.
        limit
            The most bytes that are read.

        Returns
        -------
        str or None
            One line without spaces around it, what cannot be printed left out; None where nothing is left of it.
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
        (start,) = struct.unpack(f"{self.order}I", entry.content)
        content = self.source.read_at(start, length)
        return content if len(content) == length else b""


def read_directory(source: Source, *, directory: int | None = None) -> Directory:
    """Read a directory, but none of the values that stand elsewhere.

    Parameters
    ----------
    source
        What the TIFF structure stands in, from its first byte on.
    directory
        Where the directory is. Left out, it is the first one.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when there is no such structure, or not all of it.
    """
    order, first = _byte_order_and_first_directory(source, base=0)
    at = first if directory is None else directory
    entries = {
        tag: Entry(kind, values, content) for tag, kind, values, content in _entries(source, offset=at, order=order)
    }
    (count,) = struct.unpack(f"{order}H", read_exactly(source, at, 2))
    # EXIF data may end with its last directory; the offset of a next one is not missed there.
    end = source.read_at(at + 2 + count * _ENTRY_BYTES, 4).ljust(4, b"\0")
    return Directory(source=source, order=order, entries=entries, next=struct.unpack(f"{order}I", end)[0])


def directory_offsets(source: Source) -> Iterator[int]:
    """Follow the chain of directories up to its end, or to where it is broken or comes back to one that it had.

    Parameters
    ----------
    source
        What the TIFF structure stands in, from its first byte on.

    Yields
    ------
    int
        Where each directory is.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when there is no such structure.
    """
    order, offset = _byte_order_and_first_directory(source, base=0)
    passed: set[int] = set()
    while offset and offset not in passed:
        count = source.read_at(offset, 2)
        if len(count) < 2:
            return
        passed.add(offset)
        yield offset
        end = source.read_at(offset + 2 + struct.unpack(f"{order}H", count)[0] * _ENTRY_BYTES, 4)
        offset = struct.unpack(f"{order}I", end.ljust(4, b"\0"))[0]


def read_tags(source: Source, *, base: int, directory: int | None = None) -> dict[int, int]:
    """Read a directory's tags that hold a whole number.

    Parameters
    ----------
    source
        The image.
    base
        Where the TIFF structure begins: 0 in a TIFF file, behind the `Exif` prefix in a JPEG.
    directory
        Where the directory is, counted from `base`. Left out, it is the first one.

    Returns
    -------
    dict
        The first value of each tag of type BYTE, SHORT, LONG or IFD that stands in the directory itself.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when there is no such structure, or not all of it.
    """
    order, first = _byte_order_and_first_directory(source, base=base)
    at = first if directory is None else directory
    tags = {}
    for tag, kind, values, content in _entries(source, offset=base + at, order=order):
        # More than four bytes of values stand elsewhere, and no tag that is asked for has more.
        if kind in _FORMATS and 1 <= values * struct.calcsize(_FORMATS[kind]) <= 4:
            tags[tag] = struct.unpack_from(f"{order}{_FORMATS[kind]}", content)[0]
    return tags


def read_offsets(source: Source, *, base: int, tag: int, limit: int) -> list[int]:
    """Read a tag of the first directory that holds offsets, such as those of further directories.

    Parameters
    ----------
    source
        The image.
    base
        Where the TIFF structure begins.
    tag
        Which tag.
    limit
        The most offsets that are read.

    Returns
    -------
    list of int
        Counted from `base`; empty where the tag is missing.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when there is no such structure, or not all of it.
    """
    order, first = _byte_order_and_first_directory(source, base=base)
    for found, kind, values, content in _entries(source, offset=base + first, order=order):
        if found == tag and values >= 1 and _FORMATS.get(kind) == "I":
            count = min(values, limit)
            if values > 1:
                (start,) = struct.unpack(f"{order}I", content)
                content = read_exactly(source, base + start, 4 * count)
            return list(struct.unpack_from(f"{order}{count}I", content))
    return []


def _byte_order_and_first_directory(source: Source, *, base: int) -> tuple[str, int]:
    start = read_exactly(source, base, 8)
    order = _BYTE_ORDERS.get(start[:4])
    if order is None:
        raise unreadable("no TIFF structure")
    return order, struct.unpack(f"{order}I", start[4:])[0]


def _entries(source: Source, *, offset: int, order: str) -> Iterator[tuple[int, int, int, bytes]]:
    (count,) = struct.unpack(f"{order}H", read_exactly(source, offset, 2))
    if count > _MAX_ENTRIES:
        raise unreadable("a directory of too many entries")
    return struct.iter_unpack(f"{order}HHI4s", read_exactly(source, offset + 2, count * _ENTRY_BYTES))


def orientation_of(tags: dict[int, int]) -> int:
    """Give the orientation that tags name, or upright where it is missing or not one of the eight."""
    orientation = tags.get(ORIENTATION, UPRIGHT)
    return orientation if 1 <= orientation <= 8 else UPRIGHT


def exif_orientation(source: Source, *, base: int) -> int:
    """Read the orientation that EXIF data names.

    Broken EXIF data makes no image unreadable: browsers show it as it is stored, and so does this.

    Parameters
    ----------
    source
        The image.
    base
        Where the EXIF data's TIFF structure begins.
    """
    try:
        return orientation_of(read_tags(source, base=base))
    except ImageRejected:
        return UPRIGHT
