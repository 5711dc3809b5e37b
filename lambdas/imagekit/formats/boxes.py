"""Boxes of the ISO base media file format, which HEIF, JP2 and Canon's CR3 use (ISO/IEC 14496-12)."""

from collections.abc import Iterator

from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly

_MAX_BOX_BYTES = 1024 * 1024
_MAX_TOP_LEVEL_BOXES = 64


def top_level_box(source: Source, *, kind: bytes) -> bytes:
    """Read the content of the first top-level box of a kind.

    `kind`: Four letters, such as `meta`.

    Raises ImageRejected: `UNREADABLE_IMAGE` if there is none among the first 64 boxes, or it is longer than 1 MB.
    """
    content = find_top_level_box(source, kind=kind)
    if content is None:
        raise unreadable("an image without a header")
    return content


def find_top_level_box(source: Source, *, kind: bytes) -> bytes | None:
    """Read the content of the first box of a kind, if there is one.

    `kind`: Four letters, such as `moov`.

    Returns None if there is none among the first 64 boxes. Raises ImageRejected: `UNREADABLE_IMAGE` if it is longer
    than 1 MB, or a box is broken.
    """
    for found, start, end in top_level_boxes(source):
        if found == kind:
            return read_content(source, start=start, end=end)
        if end >= source.size:
            break
    return None


def validate_top_level_box(source: Source, *, kind: bytes) -> None:
    """Reject a file without a complete top-level box of a kind.

    `kind`: Four letters, such as `mdat`.

    Raises ImageRejected: `UNREADABLE_IMAGE`.
    """
    for found, _, end in top_level_boxes(source):
        if end > source.size:
            break
        if found == kind:
            return
    raise unreadable("a file that ends before its image does")


def top_level_boxes(source: Source) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the content of each of the first 64 top-level boxes.

    `source`: the image. The last box may claim to end beyond it.

    Raises ImageRejected: `UNREADABLE_IMAGE` if a box is broken, or the caller asks for one more at the end of the file.
    """
    offset = 0
    for _ in range(_MAX_TOP_LEVEL_BOXES):
        kind, start, end = _box_at(source, offset)
        yield kind, start, end
        offset = end


def read_content(source: Source, *, start: int, end: int) -> bytes:
    """Read the content of a box that `top_level_boxes` found.

    Raises ImageRejected: `UNREADABLE_IMAGE` if it is longer than 1 MB or truncated.
    """
    if end - start > _MAX_BOX_BYTES:
        raise unreadable("an image whose header is too long")
    return read_exactly(source, start, end - start)


def boxes(source: Source, *, start: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of each box from `start` to the end of the source.

    Raises ImageRejected: `UNREADABLE_IMAGE` if a box is truncated.
    """
    offset = start
    while offset < source.size:
        kind, content, end = _box_at(source, offset)
        yield kind, read_exactly(source, content, end - content)
        offset = end


def _box_at(source: Source, offset: int) -> tuple[bytes, int, int]:
    head = read_exactly(source, offset, 8)
    length, start = int.from_bytes(head[:4], "big"), offset + 8
    if length == 1:
        length, start = int.from_bytes(read_exactly(source, start, 8), "big"), start + 8
    end = source.size if length == 0 else offset + length
    if end < start:
        raise unreadable("a box shorter than its own header")
    return head[4:], start, end


def brands_of(head: bytes) -> set[bytes]:
    """Return the brands in a file's `ftyp` box: the major one and the compatible ones (4.3). Empty without it."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[start : start + 4] for start in range(16, end, 4))}
