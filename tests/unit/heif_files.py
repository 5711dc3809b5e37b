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


def with_properties(data: bytes, added: Sequence[Property]) -> bytes:
    """Add essential properties to the only item of a file that libavif has written, before its other transformations.

    Its `iloc` box must give the item's place as one offset of four bytes.
    """
    container, associations = data.index(b"ipco"), data.index(b"ipma")
    (length,) = struct.unpack_from(">I", data, container - 4)
    known, at = 0, container + 4
    while at < container - 4 + length:
        known += 1
        at += struct.unpack_from(">I", data, at)[0]
    boxes = b"".join(box(*one) for one in added)
    numbers = bytes(0x80 | known + 1 + index for index in range(len(added)))
    count_at = associations + 4 + 4 + 4 + 2
    entry_end = count_at + 1 + data[count_at]
    longer = (
        data[: container + length - 4]
        + boxes
        + data[container + length - 4 : count_at]
        + bytes([data[count_at] + len(added)])
        + data[count_at + 1 : entry_end]
        + numbers
        + data[entry_end:]
    )
    result = bytearray(longer)
    grown = len(boxes) + len(numbers)
    for kind, more in [(b"meta", grown), (b"iprp", grown), (b"ipco", len(boxes)), (b"ipma", len(numbers))]:
        start = result.index(kind) - 4
        struct.pack_into(">I", result, start, struct.unpack_from(">I", result, start)[0] + more)
    offset = result.index(b"iloc") + 4 + 4 + 2 + 2 + 2 + 2 + 2
    struct.pack_into(">I", result, offset, struct.unpack_from(">I", result, offset)[0] + grown)
    return bytes(result)


def with_gain_map(base: bytes, gain: bytes, *, size: Property) -> bytes:
    """Join two AVIF or HEIC files: a picture, and the gain map of its HDR version (AVIF 1.2, `tmap`).

    The picture is the primary item. A group says that the HDR version may be shown instead. Of each file, the first
    item is taken, which must have all of the file's properties.

    `size`: of the picture.
    """
    pictures = [_properties_and_data(one) for one in (base, gain)]
    own = [*(properties for properties, _ in pictures), [box(*size), box(*code_points(9, 16))]]
    # Version, flags, two headrooms, and the numbers of the map: its range, its gamma, and two offsets (ISO 21496-1).
    tone_map = bytes(6) + struct.pack(">4I", 0, 1, 1, 1) + struct.pack(">10I", 0, 1, 1, 1, 1, 1, 0, 1, 0, 1)
    data = [*(content for _, content in pictures), tone_map]
    brand = base[8:12]
    codec = {b"avif": b"av01", b"heic": b"hvc1"}[brand]
    kinds = [(codec, 0), (codec, 1), (b"tmap", 0)]
    entries = b"".join(
        box(b"infe", struct.pack(">BHBHH", 2, 0, hidden, number, 0) + kind + b"\0")
        for number, (kind, hidden) in enumerate(kinds, start=1)
    )
    numbers = iter(range(1, 100))
    associations = b"".join(
        struct.pack(">HB", number, len(properties)) + bytes(next(numbers) for _ in properties)
        for number, properties in enumerate(own, start=1)
    )

    def meta(start: int) -> bytes:
        places = b""
        for number, content in enumerate(data, start=1):
            places += struct.pack(">HHHII", number, 0, 1, start, len(content))
            start += len(content)
        return box(
            b"meta",
            bytes(4)
            + box(b"hdlr", bytes(8) + b"pict" + bytes(13))
            + box(b"pitm", bytes(4) + struct.pack(">H", 1))
            + box(b"iloc", bytes(4) + struct.pack(">HH", 0x4400, 3) + places)
            + box(b"iinf", bytes(4) + struct.pack(">H", 3) + entries)
            + box(b"iref", bytes(4) + box(b"dimg", struct.pack(">4H", 3, 2, 1, 2)))
            + box(
                b"iprp",
                box(b"ipco", b"".join(one for properties in own for one in properties))
                + box(b"ipma", bytes(4) + struct.pack(">I", 3) + associations),
            )
            + box(b"grpl", box(b"altr", bytes(4) + struct.pack(">IIII", 9, 2, 3, 1))),
        )

    kind = box(b"ftyp", brand + bytes(4) + brand + b"mif1miaftmap")
    return kind + meta(len(kind) + len(meta(0)) + 8) + box(b"mdat", b"".join(data))


def _properties_and_data(file: bytes) -> tuple[list[bytes], bytes]:
    container, locations = file.index(b"ipco"), file.index(b"iloc")
    end = container - 4 + struct.unpack_from(">I", file, container - 4)[0]
    properties, at = [], container + 4
    while at < end:
        (length,) = struct.unpack_from(">I", file, at)
        properties.append(file[at : at + length])
        at += length
    # Version, sizes, count, number and file come first, and then a base if it has a size.
    base_bytes = file[locations + 9] >> 4
    base = int.from_bytes(file[locations + 16 : locations + 16 + base_bytes], "big")
    offset, length = struct.unpack_from(">II", file, locations + 16 + base_bytes + 2)
    return properties, file[base + offset : base + offset + length]
