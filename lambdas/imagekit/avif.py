"""AVIF headers: the properties of the primary item (ISO/IEC 23008-12, HEIF)."""

from collections.abc import Iterator

from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import BytesSource, Source, read_exactly

_MAX_META_BYTES = 1024 * 1024
_MAX_TOP_LEVEL_BOXES = 64

# EXIF's number for each turn anticlockwise in steps of 90 degrees, and the mirroring that comes after it:
# none, top against bottom (axis 0), left against right (axis 1).
_ORIENTATIONS = {
    0: (1, 4, 2),
    1: (8, 5, 7),
    2: (3, 2, 4),
    3: (6, 7, 5),
}


def read_header(source: Source) -> Header:
    """Read size and orientation of an AVIF's primary item; EXIF has no say in either."""
    meta = _meta(source)
    # `meta` is a full box: four bytes of version and flags come before its children.
    children = dict(_boxes(BytesSource(meta), start=4))
    properties, associations = _children(children, b"iprp")
    size, turn, mirror = None, 0, 0
    for index in _associated(associations, item=_primary_item(children)):
        if not 1 <= index <= len(properties):
            continue
        kind, content = properties[index - 1]
        if kind == b"ispe" and len(content) >= 12:
            size = int.from_bytes(content[4:8], "big"), int.from_bytes(content[8:12], "big")
        elif kind == b"irot" and content:
            turn = content[0] & 3
        elif kind == b"imir" and content:
            mirror = 1 + (content[0] & 1)
    if size is None:
        raise unreadable("an AVIF without a size")
    return Header(
        type=ImageType.AVIF,
        stored_width=size[0],
        stored_height=size[1],
        orientation=_ORIENTATIONS[turn][mirror],
    )


def _meta(source: Source) -> bytes:
    offset = 0
    for _ in range(_MAX_TOP_LEVEL_BOXES):
        kind, start, end = _box_at(source, offset)
        if kind == b"meta":
            if end - start > _MAX_META_BYTES:
                raise unreadable("an AVIF whose header is too long")
            return read_exactly(source, start, end - start)
        offset = end
    raise unreadable("an AVIF without a header")


def _box_at(source: Source, offset: int) -> tuple[bytes, int, int]:
    head = read_exactly(source, offset, 8)
    length, start = int.from_bytes(head[:4], "big"), offset + 8
    if length == 1:
        length, start = int.from_bytes(read_exactly(source, start, 8), "big"), start + 8
    end = source.size if length == 0 else offset + length
    if end < start:
        raise unreadable("a box shorter than its own header")
    return head[4:], start, end


def _boxes(source: Source, *, start: int) -> Iterator[tuple[bytes, bytes]]:
    offset = start
    while offset < source.size:
        kind, content, end = _box_at(source, offset)
        yield kind, read_exactly(source, content, end - content)
        offset = end


def _children(meta: dict[bytes, bytes], kind: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    parts = dict(_boxes(BytesSource(meta.get(kind, b"")), start=0))
    return list(_boxes(BytesSource(parts.get(b"ipco", b"")), start=0)), parts.get(b"ipma", b"")


def _primary_item(meta: dict[bytes, bytes]) -> int:
    primary = meta.get(b"pitm", b"")
    if len(primary) < 6:
        raise unreadable("an AVIF without a primary item")
    return int.from_bytes(primary[4:6] if primary[0] == 0 else primary[4:8], "big")


def _associated(associations: bytes, *, item: int) -> list[int]:
    """List the property numbers, from 1, of one item: the `ipma` box."""
    source = BytesSource(associations)
    head = read_exactly(source, 0, 8)
    item_bytes = 2 if head[0] == 0 else 4
    index_bytes = 2 if head[3] & 1 else 1
    # The top bit of a property's number says whether a reader must know the property.
    index_mask = (1 << 8 * index_bytes - 1) - 1
    offset = 8
    for _ in range(int.from_bytes(head[4:8], "big")):
        entry = read_exactly(source, offset, item_bytes + 1)
        offset += len(entry)
        indexes = read_exactly(source, offset, entry[-1] * index_bytes)
        offset += len(indexes)
        if int.from_bytes(entry[:-1], "big") == item:
            return [
                int.from_bytes(indexes[at : at + index_bytes], "big") & index_mask
                for at in range(0, len(indexes), index_bytes)
            ]
    raise unreadable("an AVIF whose primary item has no properties")
