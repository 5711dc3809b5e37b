"""JPEG headers: the markers before the first scan (ITU-T T.81, annex B)."""

from imagekit.directory import exif_orientation
from imagekit.header import UPRIGHT, Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly

_FILL = b"\xff"
_MAX_FILL_BYTES = 64
_MAX_SEGMENTS = 1024
# C4, C8 and CC are tables and an extension, not frames.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Restart, start of image, end of image, start of scan: none may come before the frame.
_OUT_OF_PLACE = {0x00, 0x01, *range(0xD0, 0xDB)}
_APP1 = 0xE1
_EXIF = b"Exif\x00\x00"


def read_header(source: Source) -> Header:
    """Read a JPEG's frame header, and its orientation from EXIF."""
    orientation: int | None = None
    offset = 2
    for _ in range(_MAX_SEGMENTS):
        marker, offset = _next_marker(source, offset=offset)
        if marker in _OUT_OF_PLACE:
            raise unreadable("a JPEG without a frame")
        length = int.from_bytes(read_exactly(source, offset, 2), "big")
        if length < 2:
            raise unreadable("a JPEG segment without a length")
        if marker in _FRAMES:
            frame = read_exactly(source, offset + 3, 4)
            return Header(
                type=ImageType.JPEG,
                stored_width=int.from_bytes(frame[2:], "big"),
                stored_height=int.from_bytes(frame[:2], "big"),
                orientation=orientation or UPRIGHT,
            )
        if marker == _APP1 and orientation is None and source.read_at(offset + 2, len(_EXIF)) == _EXIF:
            orientation = exif_orientation(source, base=offset + 2 + len(_EXIF))
        offset += length
    raise unreadable("a JPEG whose header is too long")


def _next_marker(source: Source, *, offset: int) -> tuple[int, int]:
    run = source.read_at(offset, _MAX_FILL_BYTES)
    after_fill = run.lstrip(_FILL)
    if not run.startswith(_FILL) or not after_fill:
        raise unreadable("no JPEG marker where one is due")
    return after_fill[0], offset + len(run) - len(after_fill) + 1
