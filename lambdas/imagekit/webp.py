"""WebP headers: the three kinds of first chunk, and the EXIF chunk (RFC 9649)."""

from imagekit.directory import exif_orientation
from imagekit.header import UPRIGHT, Header
from imagekit.image_type import ImageType
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import Source, read_exactly

_FIRST_CHUNK = 12
_CHUNK_HEADER = 8
_EXIF_FLAG = 0x08
_FOURTEEN_BITS = 0x3FFF
_EXIF = b"Exif\x00\x00"


def read_header(source: Source) -> Header:
    """Read a WebP's canvas size, and its orientation from the EXIF chunk where the header announces one."""
    start = read_exactly(source, _FIRST_CHUNK, 18)
    kind, payload = start[:4], start[_CHUNK_HEADER:]
    orientation = UPRIGHT
    if kind == b"VP8 " and payload[3:6] == b"\x9d\x01\x2a":
        width = int.from_bytes(payload[6:8], "little") & _FOURTEEN_BITS
        height = int.from_bytes(payload[8:10], "little") & _FOURTEEN_BITS
    elif kind == b"VP8L" and payload[0] == 0x2F:
        bits = int.from_bytes(payload[1:5], "little")
        width = (bits & _FOURTEEN_BITS) + 1
        height = (bits >> 14 & _FOURTEEN_BITS) + 1
    elif kind == b"VP8X":
        width = int.from_bytes(payload[4:7], "little") + 1
        height = int.from_bytes(payload[7:10], "little") + 1
        if payload[0] & _EXIF_FLAG:
            orientation = _orientation(source)
    else:
        raise unreadable("a WebP without an image chunk")
    return Header(type=ImageType.WEBP, stored_width=width, stored_height=height, orientation=orientation)


def _orientation(source: Source) -> int:
    # EXIF stands behind the image data; a long animation has too many chunks in between to look for it.
    try:
        offset = _FIRST_CHUNK
        while len(chunk := source.read_at(offset, _CHUNK_HEADER)) == _CHUNK_HEADER:
            if chunk[:4] == b"EXIF":
                base = offset + _CHUNK_HEADER
                # Some writers put the JPEG prefix there, which the format does not ask for.
                prefix = len(_EXIF) if source.read_at(base, len(_EXIF)) == _EXIF else 0
                return exif_orientation(source, base=base + prefix)
            length = int.from_bytes(chunk[4:], "little")
            offset += _CHUNK_HEADER + length + length % 2
    except ImageRejected:
        return UPRIGHT
    return UPRIGHT
