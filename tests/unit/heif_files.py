"""Headers of AVIF and HEIC files: all that a header reader needs, and no picture."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Property = tuple[bytes, bytes]


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item: its type, its properties, and the items that it is derived from."""

    kind: bytes
    properties: Sequence[Property] = ()
    derived_from: Sequence[int] = ()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def size(width: int, height: int) -> Property:
    return b"ispe", struct.pack(">III", 0, width, height)


def code_points(primaries: int, transfer: int) -> Property:
    return b"colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, 1, 0x80)


def aperture(width: int, height: int, *, left: int = 0, top: int = 0) -> Property:
    """Make a clean aperture of whole pixels. Its place counts from the centre."""
    return b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, left, 1, top, 1)


def heif_header(items: Mapping[int, Item], *, primary: int = 1, brand: bytes = b"avif") -> bytes:
    """Make a file of items by number."""
    properties = [one for item in items.values() for one in item.properties]
    entries = b"".join(
        box(b"infe", b"\2\0\0\0" + struct.pack(">HH", number, 0) + item.kind + b"\0") for number, item in items.items()
    )
    references = b"".join(
        box(b"dimg", struct.pack(f">HH{len(item.derived_from)}H", number, len(item.derived_from), *item.derived_from))
        for number, item in items.items()
        if item.derived_from
    )
    associations, next_property = b"", 1
    for number, item in items.items():
        indexes = range(next_property, next_property + len(item.properties))
        associations += struct.pack(">HB", number, len(indexes)) + bytes(indexes)
        next_property += len(indexes)
    meta = (
        bytes(4)
        + box(b"pitm", bytes(4) + struct.pack(">H", primary))
        + box(b"iinf", bytes(4) + struct.pack(">H", len(items)) + entries)
        + box(b"iref", bytes(4) + references)
        + box(
            b"iprp",
            box(b"ipco", b"".join(box(*one) for one in properties))
            + box(b"ipma", bytes(4) + struct.pack(">I", len(items)) + associations),
        )
    )
    return box(b"ftyp", brand + bytes(4) + brand + b"mif1") + box(b"meta", meta)
