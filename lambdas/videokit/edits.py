"""What the edit lists of an MP4 or MOV file show."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from videokit.faults import VideoFault, VideoRejected
from videokit.info import Container
from videokit.opening import container_of

_HANDLERS = {b"vide", b"soun"}
# Bytes of an entry by the version of the box (ISO/IEC 14496-12, 8.6.6), and of its duration.
_ENTRIES = {0: (12, 4), 1: (20, 8)}


def validate_edits(path: Path) -> None:
    """Validate that no track of picture or sound shows more than one piece of itself.

    Raises
    ------
    VideoRejected
        EDITED.
    """
    if container_of(path) is Container.MKV:
        return
    with path.open("rb") as file:
        whole = _Box(name=b"", start=0, end=path.stat().st_size)
        for track in _found(file, whole, b"moov", b"trak"):
            kinds = {_bytes(file, it, at=8, count=4) for it in _found(file, track, b"mdia", b"hdlr")}
            if kinds & _HANDLERS and any(_pieces(file, it) > 1 for it in _found(file, track, b"edts", b"elst")):
                raise VideoRejected(VideoFault.EDITED)


@dataclass(frozen=True, kw_only=True)
class _Box:
    """A box. `start` and `end` of its contents, in bytes of the file."""

    name: bytes
    start: int
    end: int


def _found(file: IO[bytes], box: _Box, *names: bytes) -> Iterator[_Box]:
    """Find the boxes of the last name in those of the name before, and so on."""
    if not names:
        yield box
        return
    for child in _children(file, box):
        if child.name == names[0]:
            yield from _found(file, child, *names[1:])


def _children(file: IO[bytes], box: _Box) -> Iterator[_Box]:
    at = box.start
    while at + 8 <= box.end:
        head = _bytes(file, box, at=at - box.start, count=16)
        length, header = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, header = int.from_bytes(head[8:16], "big"), 16
        # A length of 0 means until the end.
        end = min(box.end, at + length) if length else box.end
        if end < at + header:
            return
        yield _Box(name=head[4:8], start=at + header, end=end)
        at = end


def _pieces(file: IO[bytes], edits: _Box) -> int:
    """Count the entries that are not empty."""
    head = _bytes(file, edits, at=0, count=8)
    size, length = _ENTRIES.get(head[0] if head else 0, _ENTRIES[0])
    count = min(int.from_bytes(head[4:8], "big"), (edits.end - edits.start - 8) // size)
    times = (_bytes(file, edits, at=8 + number * size + length, count=length) for number in range(count))
    return sum(int.from_bytes(it, "big", signed=True) != -1 for it in times)


def _bytes(file: IO[bytes], box: _Box, *, at: int, count: int) -> bytes:
    file.seek(box.start + at)
    return file.read(min(count, max(0, box.end - box.start - at)))
