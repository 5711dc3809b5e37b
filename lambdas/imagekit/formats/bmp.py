"""BMP headers: OS/2's and Windows' information headers."""

from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly
from safelight_contracts.image_types import ImageType

_OS2_HEADER_BYTES = 12


def read_header(source: Source) -> Header:
    """Read a BMP's size; a negative height says that rows go from top to bottom."""
    header_bytes = int.from_bytes(read_exactly(source, 14, 4), "little")
    if header_bytes < _OS2_HEADER_BYTES:
        raise unreadable("a BMP without an information header")
    if header_bytes == _OS2_HEADER_BYTES:
        sides = read_exactly(source, 18, 4)
        width, height = int.from_bytes(sides[:2], "little"), int.from_bytes(sides[2:], "little")
    else:
        sides = read_exactly(source, 18, 8)
        width = int.from_bytes(sides[:4], "little", signed=True)
        height = abs(int.from_bytes(sides[4:], "little", signed=True))
    return Header(type=ImageType.BMP, stored_width=width, stored_height=height)


FORMAT = Format(
    extension="bmp",
    content_type="image/bmp",
    recognises=lambda head: head.startswith(b"BM"),
    read_header=read_header,
    # Measured with alpha. Without, it takes 6.
    decoding_bytes_a_pixel=10,
    pillow_name="BMP",
    plugins=["PIL.BmpImagePlugin"],
)
"""BMP, decoded by Pillow."""
