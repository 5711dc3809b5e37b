"""The tag directory that TIFF files and EXIF data share (TIFF 6.0, section 2)."""

import struct

from imagekit.header import UPRIGHT
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import Source, read_exactly

ORIENTATION = 274

_BYTE_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
_FORMATS = {1: "B", 3: "H", 4: "I"}  # BYTE, SHORT, LONG
_ENTRY_BYTES = 12


def read_tags(source: Source, *, base: int) -> dict[int, int]:
    """Read the first directory's tags that hold a whole number.

    Parameters
    ----------
    source
        The image.
    base
        Where the TIFF structure begins: 0 in a TIFF file, behind the `Exif` prefix in a JPEG.

    Returns
    -------
    dict
        The first value of each tag of type BYTE, SHORT or LONG that stands in the directory itself.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when there is no such structure, or not all of it.
    """
    start = read_exactly(source, base, 8)
    order = _BYTE_ORDERS.get(start[:4])
    if order is None:
        raise unreadable("no TIFF structure")
    directory = base + struct.unpack(f"{order}I", start[4:])[0]
    (count,) = struct.unpack(f"{order}H", read_exactly(source, directory, 2))
    entries = read_exactly(source, directory + 2, count * _ENTRY_BYTES)
    tags = {}
    for at in range(0, len(entries), _ENTRY_BYTES):
        tag, kind, values = struct.unpack_from(f"{order}HHI", entries, at)
        # More than four bytes of values stand elsewhere, and no tag that is asked for has more.
        if kind in _FORMATS and 1 <= values * struct.calcsize(_FORMATS[kind]) <= 4:
            tags[tag] = struct.unpack_from(f"{order}{_FORMATS[kind]}", entries, at + 8)[0]
    return tags


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
