"""The tag directory that TIFF files, EXIF data and most camera raw files share (TIFF 6.0, section 2)."""

import struct
from collections.abc import Iterator

from imagekit.header import UPRIGHT
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
    entries = read_exactly(source, offset + 2, count * _ENTRY_BYTES)
    for at in range(0, len(entries), _ENTRY_BYTES):
        tag, kind, values = struct.unpack_from(f"{order}HHI", entries, at)
        yield tag, kind, values, entries[at + 8 : at + _ENTRY_BYTES]


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
