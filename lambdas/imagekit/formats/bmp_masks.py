"""Unpack BMPs whose colours are bit masks of a pixel's number (BITMAPINFOHEADER and later, Microsoft's GDI).

Pillow reads a few masks only, and not those of 10 bits a colour. It reads the usual ones faster.
"""

import struct
from typing import TYPE_CHECKING

from imagekit.rejection import unreadable, unsupported

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

BIT_FIELDS, ALPHA_BIT_FIELDS = 3, 6
"""The compressions of BMPs with masks: of three colours, and (Windows CE) of three colours and alpha."""

OS2_HEADER_BYTES = 64
"""The length of OS/2's second information header, which numbers compressions differently."""

# The masks follow the first 40 bytes of the information header, or are in it there.
_MASKS = 14 + 40
_MASKED_HEADERS = {40, 52, 56, 108, 124}
_ALPHA_HEADER_BYTES = 56
# By the bits of a pixel.
_USUAL_MASKS = {
    16: ([0xF800, 0x7E0, 0x1F], [0x7C00, 0x3E0, 0x1F]),
    32: ([0xFF0000, 0xFF00, 0xFF], [0xFF0000, 0xFF00, 0xFF, 0xFF000000]),
}
_OUTPUT_BITS = 8


def unpack_masks(data: bytes) -> "Image.Image | None":
    """Unpack a BMP of 16 or 32 bits a pixel with masks.

    `data`: the whole file.

    Result: in mode RGB or RGBA. None if Pillow reads the file: it has no masks, the usual ones, or only zeros. Raises
    ImageRejected: `UNSUPPORTED_TYPE` if the bits of a mask are not next to each other, `UNREADABLE_IMAGE` if pixels are
    missing.
    """
    # Not imported at the top, because steps that only read headers have neither.
    import numpy as np
    from PIL import Image

    offset, header_bytes, width, height, bits, compression = struct.unpack_from("<10xIIii2xHI", data)
    is_masked = header_bytes in _MASKED_HEADERS and compression in (BIT_FIELDS, ALPHA_BIT_FIELDS)
    if not is_masked or bits not in _USUAL_MASKS:
        return None
    may_have_alpha = compression == ALPHA_BIT_FIELDS or header_bytes >= _ALPHA_HEADER_BYTES
    *colors, alpha = struct.unpack_from("<4I", data, _MASKS)
    used = [*colors, alpha] if may_have_alpha and alpha else colors
    if not any(colors) or (compression == BIT_FIELDS and used in _USUAL_MASKS[bits]):
        return None
    rows = _rows(data, offset=offset, width=width, height=abs(height), bits=bits)
    picture = np.empty((abs(height), width, len(used)), np.uint8)
    # Row by row, so that only the picture takes memory.
    for row, numbers in zip(picture[:: 1 if height < 0 else -1], rows, strict=True):
        for channel, mask in enumerate(used):
            row[:, channel] = _channel(numbers, mask=mask)
    return Image.frombuffer("RGBA" if len(used) == 4 else "RGB", (width, abs(height)), picture)


def _rows(data: bytes, *, offset: int, width: int, height: int, bits: int) -> "NDArray[np.uint]":
    import numpy as np

    pixels = width * bits // 8
    stride = -(-pixels // 4) * 4
    stored = data[offset : offset + stride * height]
    # Some writers do not fill up the last row.
    if len(stored) < stride * (height - 1) + pixels:
        raise unreadable("image data is missing")
    numbers = np.frombuffer(stored.ljust(stride * height, b"\0"), f"<u{bits // 8}")
    rows: NDArray[np.uint] = numbers.reshape(height, -1)[:, :width]
    return rows


def _channel(numbers: "NDArray[np.uint]", *, mask: int) -> "NDArray[np.uint8]":
    import numpy as np

    shift = max(0, (mask & -mask).bit_length() - 1)
    bits = mask.bit_count()
    if mask >> shift != 2**bits - 1:
        raise unsupported("BMP with irregular masks")
    kept = min(bits, _OUTPUT_BITS)
    values = (numbers >> (shift + bits - kept) & (2**kept - 1)).astype(np.uint8)
    scale = np.round(np.linspace(0, 255, 2**kept)).astype(np.uint8)
    channel: NDArray[np.uint8] = values if kept == _OUTPUT_BITS else scale[values]
    return channel
