"""BMP headers: OS/2's and Windows' information headers."""

from typing import TYPE_CHECKING

from imagekit.formats.bmp_masks import ALPHA_BIT_FIELDS, BIT_FIELDS, OS2_HEADER_BYTES, unpack_masks
from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.rejection import unreadable, unsupported
from imagekit.source import Source, read_exactly
from safelight_contracts.image_types import ImageType

if TYPE_CHECKING:
    from PIL import Image

_OS2_HEADER_BYTES = 12
# From the start of the file (BITMAPV3INFOHEADER).
_ALPHA_MASK = slice(66, 70)
_INFORMATION_HEADER_BYTES = 40
# None, and run lengths of 8 and 4 bits.
_COMPRESSIONS = {0, 1, 2}
_COMPRESSIONS_OF_WINDOWS = _COMPRESSIONS | {BIT_FIELDS, ALPHA_BIT_FIELDS}


def read_header(source: Source) -> Header:
    """Read a BMP's size; a negative height says that rows go from top to bottom.

    Raises ImageRejected: `UNSUPPORTED_TYPE` for a compression that is not read.
    """
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
    if header_bytes >= _INFORMATION_HEADER_BYTES:
        _check_compression(int.from_bytes(read_exactly(source, 30, 4), "little"), header_bytes=header_bytes)
    return Header(type=ImageType.BMP, stored_width=width, stored_height=height)


def _check_compression(compression: int, *, header_bytes: int) -> None:
    if compression not in (_COMPRESSIONS if header_bytes == OS2_HEADER_BYTES else _COMPRESSIONS_OF_WINDOWS):
        raise unsupported(f"BMP with compression {compression}")


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
    unpack=unpack_masks,
    adjusted=_opaque_without_alpha,
)
"""BMP, decoded by Pillow; with masks, by this package."""
