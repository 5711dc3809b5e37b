"""PNG headers: the chunks before the first image data (PNG specification, third edition)."""

from imagekit.directory import exif_orientation
from imagekit.header import UPRIGHT, Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly

_SIGNATURE_BYTES = 8
_CHUNK_OVERHEAD = 12  # length, type, checksum
_MAX_CHUNKS = 1024


def read_header(source: Source) -> Header:
    """Read a PNG's size, and its orientation from an eXIf chunk that stands before the image data."""
    start = read_exactly(source, _SIGNATURE_BYTES, 16)
    if start[4:8] != b"IHDR":
        raise unreadable("a PNG that does not begin with IHDR")
    return Header(
        type=ImageType.PNG,
        stored_width=int.from_bytes(start[8:12], "big"),
        stored_height=int.from_bytes(start[12:16], "big"),
        orientation=_orientation(source),
    )


def _orientation(source: Source) -> int:
    offset = _SIGNATURE_BYTES
    for _ in range(_MAX_CHUNKS):
        chunk = source.read_at(offset, 8)
        if len(chunk) < 8 or chunk[4:] in (b"IDAT", b"IEND"):
            break
        if chunk[4:] == b"eXIf":
            return exif_orientation(source, base=offset + 8)
        offset += int.from_bytes(chunk[:4], "big") + _CHUNK_OVERHEAD
    return UPRIGHT
