"""BMP headers: OS/2's and Windows' information headers."""

from typing import TYPE_CHECKING

from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly
from safelight_contracts.image_types import ImageType

if TYPE_CHECKING:
    from PIL import Image

_OS2_HEADER_BYTES = 12
# From the start of the file (BITMAPV3INFOHEADER).
_ALPHA_MASK = slice(66, 70)


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


def _opaque_without_alpha(picture: "Image.Image", data: bytes) -> "Image.Image":
    # Many writers leave the fourth byte of a pixel at zero. Chromium's and GIMP's readers then take all pixels for
    # opaque. Pillow takes that byte for alpha even if the mask says that there is none.
    if picture.mode == "RGBA" and not (any(data[_ALPHA_MASK]) and picture.getchannel("A").getbbox()):
        return picture.convert("RGB")
    return picture


FORMAT = Format(
    extension="bmp",
    content_type="image/bmp",
    recognises=lambda head: head.startswith(b"BM"),
    read_header=read_header,
    # Measured with alpha. Without, it takes 6.
    decoding_bytes_a_pixel=10,
    pillow_name="BMP",
    plugins=["PIL.BmpImagePlugin"],
    adjusted=_opaque_without_alpha,
)
"""BMP, decoded by Pillow."""
