"""Whether a file is as long as its container says, without reading its contents."""

from pathlib import Path
from typing import IO

from videokit.faults import VideoFault, VideoRejected
from videokit.info import Container
from videokit.opening import container_of

# The boxes at the top of MP4 and MOV files (ISO/IEC 14496-12, table 1). Cameras append bytes of their own behind them.
_BOXES = {b"ftyp", b"styp", b"moov", b"moof", b"mfra", b"mdat", b"sidx", b"free", b"skip", b"wide", b"udta", b"uuid"}
_SEGMENT = b"\x18\x53\x80\x67"


def validate_complete(path: Path) -> None:
    """Validate that no part that the container announces is behind the file's end.

    A Matroska segment and a last box of unknown length, as recorders leave them that were switched off, are complete.

    Raises
    ------
    VideoRejected
        DAMAGED.
    """
    size = path.stat().st_size
    container = container_of(path)
    with path.open("rb") as file:
        needed = _segment_end(file) if container is Container.MKV else _boxes_end(file, size=size)
    if needed > size:
        raise VideoRejected(VideoFault.DAMAGED, detail={"bytes": size, "needed_bytes": needed})


def _boxes_end(file: IO[bytes], *, size: int) -> int:
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if head[4:8] not in _BOXES or length < 8:
            # A length of 0 means until the end of the file.
            return at
        at += length
    return at


def _segment_end(file: IO[bytes]) -> int:
    """Return where the segment ends, or 0 if that is unknown (RFC 8794, section 6)."""
    file.seek(4)
    header = _length(file) or 0
    file.seek(header, 1)
    if file.read(4) != _SEGMENT:
        return 0
    length = _length(file)
    return 0 if length is None else file.tell() + length


def _length(file: IO[bytes]) -> int | None:
    first = file.read(1)
    if not first or not first[0]:
        raise VideoRejected(VideoFault.DAMAGED)
    octets = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(octets - 1), "big") & ((1 << 7 * octets) - 1)
    return None if value == (1 << 7 * octets) - 1 else value
