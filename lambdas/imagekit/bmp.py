"""BMP headers: OS/2's and Windows' information headers."""

from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly

_OS2_HEADER_BYTES = 12


def read_header(source: Source) -> Header:
    """Read a BMP's size; a negative height only says that rows go from top to bottom."""
    header_bytes = int.from_bytes(read_exactly(source, 14, 4), "little")
    if header_bytes == _OS2_HEADER_BYTES:
        sides = read_exactly(source, 18, 4)
        width, height = int.from_bytes(sides[:2], "little"), int.from_bytes(sides[2:], "little")
    elif header_bytes > _OS2_HEADER_BYTES:
        sides = read_exactly(source, 18, 8)
        width = int.from_bytes(sides[:4], "little", signed=True)
        height = abs(int.from_bytes(sides[4:], "little", signed=True))
    else:
        raise unreadable("a BMP without an information header")
    return Header(type=ImageType.BMP, stored_width=width, stored_height=height)
