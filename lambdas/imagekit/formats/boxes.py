"""Boxes, of which HEIF, JP2 and Canon's CR3 are made (ISO/IEC 14496-12, the ISO base media file format)."""

from collections.abc import Iterator

from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly

_MAX_BOX_BYTES = 1024 * 1024
_MAX_TOP_LEVEL_BOXES = 64


def top_level_box(source: Source, *, kind: bytes) -> bytes:
    """Read the content of the first box of a kind that stands in the file itself.

    Parameters
    ----------
    source
        The image.
    kind
        Four letters, such as `meta`.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when there is none among the first 64 boxes, or it is longer than 1 MB.
    """
    content = find_top_level_box(source, kind=kind)
    if content is None:
        raise unreadable("an image without a header")
    return content


def find_top_level_box(source: Source, *, kind: bytes) -> bytes | None:
    """Read the content of the first box of a kind that stands in the file itself, if there is one.

    Parameters
    ----------
    source
        The image.
    kind
        Four letters, such as `moov`.

    Returns
    -------
    bytes or None
        None when there is none among the first 64 boxes.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when it is longer than 1 MB, or a box is broken.
    """
    for found, start, end in top_level_boxes(source):
        if found == kind:
            return read_content(source, start=start, end=end)
        if end >= source.size:
            break
    return None


def check_top_level_box(source: Source, *, kind: bytes) -> None:
    """Reject a file that has no box of a kind in the file itself, or not all of it.

    Parameters
    ----------
    source
        The image.
    kind
        Four letters, such as `mdat`.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE`.
    """
    for found, _, end in top_level_boxes(source):
        if end > source.size:
            break
        if found == kind:
            return
    raise unreadable("a file that ends before its image does")


def top_level_boxes(source: Source) -> Iterator[tuple[bytes, int, int]]:
    """Give kind of each of the first 64 boxes in the file itself, and where its content begins and ends.

    Parameters
    ----------
    source
        The image. The last box may say that it ends behind it.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when a box is broken, or another one is asked for where the file ends.
    """
    offset = 0
    for _ in range(_MAX_TOP_LEVEL_BOXES):
        kind, start, end = _box_at(source, offset)
        yield kind, start, end
        offset = end


def read_content(source: Source, *, start: int, end: int) -> bytes:
    """Read a box's content, of which `top_level_boxes` gives the place.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when it is longer than 1 MB, or the file ends earlier.
    """
    if end - start > _MAX_BOX_BYTES:
        raise unreadable("an image whose header is too long")
    return read_exactly(source, start, end - start)


def boxes(source: Source, *, start: int) -> Iterator[tuple[bytes, bytes]]:
    """Give kind and content of each box, up to the end of the source.

    Parameters
    ----------
    source
        What the boxes stand in.
    start
        Where the first one begins.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when a box reaches beyond the end.
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
    """Give the brands of a file that begins with an `ftyp` box: the major one and those it is compatible with (4.3).

    Parameters
    ----------
    head
        The first bytes of any file. There are no brands if they are no `ftyp` box.
    """
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[start : start + 4] for start in range(16, end, 4))}
