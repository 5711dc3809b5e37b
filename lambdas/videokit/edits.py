"""What the edit lists of an MP4 or MOV file show."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
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

    FFmpeg reads a compressed header, which the functions here do not.

    Raises
    ------
    VideoRejected
        EDITED. UNSUPPORTED_CONTAINER, if the header is compressed.
    """
    if container_of(path) is Container.MKV:
        return
    with path.open("rb") as file:
        whole = _Box(name=b"", start=0, end=path.stat().st_size)
        if any(_found(file, whole, b"moov", b"cmov")) or any(_found(file, whole, b"cmov")):
            raise VideoRejected(VideoFault.UNSUPPORTED_CONTAINER, detail={"header": "compressed"})
        for track in _found(file, whole, b"moov", b"trak"):
            kinds = {_bytes(file, it, at=8, count=4) for it in _found(file, track, b"mdia", b"hdlr")}
            if kinds & _HANDLERS and any(_pieces(file, it) > 1 for it in _found(file, track, b"edts", b"elst")):
                raise VideoRejected(VideoFault.EDITED)


def is_fragmented(path: Path) -> bool:
    """Decide whether an MP4 or MOV file is one in fragments."""
    if container_of(path) is Container.MKV:
        return False
    with path.open("rb") as file:
        return any(_found(file, _Box(name=b"", start=0, end=path.stat().st_size), b"moov", b"mvex"))


@dataclass(frozen=True, kw_only=True)
class Edit:
    """The piece of a track that an edit list shows.

    `start`: in ticks of the track, from the first one that is stored. `seconds`: how long, or None until the end.
    """

    start: int
    seconds: Fraction | None


def edit_of(path: Path, *, track: int) -> Edit | None:
    """Return the first piece that the edit list of a track shows, or None if there is no list.

    `track`: its id in the file.
    """
    if container_of(path) is Container.MKV:
        return None
    with path.open("rb") as file:
        whole = _Box(name=b"", start=0, end=path.stat().st_size)
        ticks = next((_number(file, it, at=(12, 20)) for it in _found(file, whole, b"moov", b"mvhd")), 0)
        for box in _found(file, whole, b"moov", b"trak"):
            if any(_number(file, it, at=(12, 20)) == track for it in _found(file, box, b"tkhd")):
                for edits in _found(file, box, b"edts", b"elst"):
                    for length, start in _entries(file, edits):
                        if start != -1:
                            return Edit(start=start, seconds=Fraction(length, ticks) if length and ticks else None)
    return None


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
    return sum(start != -1 for _, start in _entries(file, edits))


def _entries(file: IO[bytes], edits: _Box) -> Iterator[tuple[int, int]]:
    """Read how long each entry is, in ticks of the movie, and where it starts in the track: -1 if it is empty."""
    head = _bytes(file, edits, at=0, count=8)
    size, length = _ENTRIES.get(head[0] if head else 0, _ENTRIES[0])
    count = min(int.from_bytes(head[4:8], "big"), (edits.end - edits.start - 8) // size)
    for number in range(count):
        entry = _bytes(file, edits, at=8 + number * size, count=2 * length)
        yield int.from_bytes(entry[:length], "big"), int.from_bytes(entry[length:], "big", signed=True)


def _number(file: IO[bytes], box: _Box, *, at: tuple[int, int]) -> int:
    """Read a number of four bytes whose place depends on the version of the box, 0 or 1."""
    version = min(1, int.from_bytes(_bytes(file, box, at=0, count=1), "big"))
    return int.from_bytes(_bytes(file, box, at=at[version], count=4), "big")


def _bytes(file: IO[bytes], box: _Box, *, at: int, count: int) -> bytes:
    file.seek(box.start + at)
    return file.read(min(count, max(0, box.end - box.start - at)))
