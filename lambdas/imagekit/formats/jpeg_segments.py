"""The segments of a JPEG before its first scan, found as libjpeg finds them (ITU-T T.81, annex B).

libjpeg skips as many bytes as a segment says, and then everything up to the next marker. This reader does the same. If
it did not, it could read the size of another frame than the decoder.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from imagekit.formats.jpeg_scans import FRAMES, SCAN
from imagekit.rejection import unreadable, unsupported
from imagekit.source import PartSource, Source

# What libjpeg's next_marker stops at. FF may be repeated before a marker.
_MARKER = re.compile(rb"\xff[^\x00\xff]")
_FILL = 0xFF
# A marker and a length.
_HEAD_BYTES = 4
_SEARCHED_AT_ONCE = 16_384
# Of all markers together. libjpeg has no limit.
_MAX_SKIPPED_BYTES = 1024 * 1024
_MAX_SEGMENTS = 1024
# TEM and restart markers have no segment. libjpeg skips them wherever they are.
_WITHOUT_SEGMENT = {0x01, *range(0xD0, 0xD8)}
# Also the tables, the number of lines, the restart interval, applications and the comment. libjpeg rejects the rest.
_WITH_SEGMENT = {*FRAMES, SCAN, 0xC4, 0xCC, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE}
# The frame of JPEG-LS (ITU-T T.87).
_JPEG_LS_FRAME = 0xF7


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A marker segment of a JPEG.

    Attributes
    ----------
    marker
        The second byte of its marker.
    content
        What follows its length.
    end
        Where what follows it begins.
    is_regular
        Whether it begins where the one before ends and has a length, so that all decoders find it.
    """

    marker: int
    content: Source
    end: int
    is_regular: bool = True

    def starts_with(self, name: bytes) -> bool:
        """Return whether the content begins with the name of a format."""
        return self.content.read_at(0, len(name)) == name


def segments_before_scan(source: Source) -> Iterator[Segment]:
    """Yield the segments up to the header of the first scan, which is the last one.

    Parameters
    ----------
    source
        The JPEG.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` at a marker that libjpeg rejects, at the end of the source, after 1,024 markers, or after 1
        MB that belongs to no segment. `UNSUPPORTED_TYPE` for JPEG-LS.
    """
    offset = 2
    skipped = 0
    is_regular = True
    for _ in range(_MAX_SEGMENTS):
        start, head = offset, source.read_at(offset, _HEAD_BYTES)
        if not _MARKER.match(head):
            start = _find_marker(source, offset=offset, end=offset + _MAX_SKIPPED_BYTES - skipped)
            head = source.read_at(start, _HEAD_BYTES)
            skipped += start - offset
            is_regular = is_regular and _is_fill(source, start=offset, end=start)
        marker = head[1]
        if marker in _WITHOUT_SEGMENT:
            offset, is_regular = start + 2, False
            continue
        _check_marker(marker)
        if len(head) < _HEAD_BYTES:
            raise unreadable("truncated header")
        length = int.from_bytes(head[2:], "big")
        # A length also counts its own two bytes. libjpeg continues after them if it does not.
        offset = start + 2 + max(2, length)
        content = PartSource(source, start=start + _HEAD_BYTES, length=offset - start - _HEAD_BYTES)
        yield Segment(marker=marker, content=content, end=offset, is_regular=is_regular and length >= 2)
        if marker == SCAN:
            return
        is_regular = True
    raise unreadable("a JPEG whose header is too long")


def _find_marker(source: Source, *, offset: int, end: int) -> int:
    while offset < end:
        piece = source.read_at(offset, _SEARCHED_AT_ONCE)
        if found := _MARKER.search(piece):
            return offset + found.start()
        if len(piece) < _SEARCHED_AT_ONCE:
            break
        # The last byte may be the first one of a marker.
        offset += len(piece) - 1
    raise unreadable("JPEG marker missing")


def _is_fill(source: Source, *, start: int, end: int) -> bool:
    return all(byte == _FILL for byte in source.read_at(start, end - start))


def _check_marker(marker: int) -> None:
    if marker == _JPEG_LS_FRAME:
        raise unsupported("JPEG-LS")
    if marker not in _WITH_SEGMENT:
        raise unreadable("a JPEG without a frame")
