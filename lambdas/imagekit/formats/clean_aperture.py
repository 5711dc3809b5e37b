"""The clean aperture of a HEIF picture: the part of the coded pixels that is shown (ISO/IEC 14496-12, 12.1.4)."""

import struct
from fractions import Fraction

from imagekit.formats.header import Aperture
from imagekit.geometry import Size
from imagekit.rejection import unreadable


def exact_aperture(content: bytes, *, coded: Size) -> tuple[Size, Aperture] | None:
    """Return the size of an aperture and its place, which libavif leaves to its callers.

    None for an aperture that is not of whole pixels within the picture. libavif calls it invalid, and browsers then
    show the whole picture (`avifCropRectFromCleanApertureBox`; Chromium's AVIF decoder). Chromium shows the whole
    picture too if the aperture does not begin at the top left, so that nobody hides pixels in a file. A rendition
    contains no hidden pixels, so that it shows the aperture, as libheif does.

    `content`: of the `clap` box.
    """
    if len(content) < 32:
        return None
    numbers = struct.unpack_from(">8i", content)
    if any(denominator <= 0 for denominator in numbers[1::2]):
        return None
    width, height, right, down = (Fraction(numbers[at], numbers[at + 1]) for at in range(0, 8, 2))
    left = (coded.width - width) / 2 + right
    top = (coded.height - height) / 2 + down
    if any(one.denominator != 1 for one in (width, height, left, top)) or min(width, height) < 1 or min(left, top) < 0:
        return None
    if left + width > coded.width or top + height > coded.height:
        return None
    return Size(width=int(width), height=int(height)), Aperture(left=int(left), top=int(top), coded=coded)


def rounded_aperture(content: bytes, *, coded: Size) -> Size:
    """Return the size to which libheif cuts a picture.

    `content`: of the `clap` box.

    Raises ImageRejected: `UNREADABLE_IMAGE` if a side is not a number, or if the picture has far more pixels than it
    shows: they would bypass the limit on pixels.
    """
    if len(content) < 16:
        return coded
    size = Size(width=_rounded(content[0:8]), height=_rounded(content[8:16]))
    # Encoders cut away what fills the last block of up to 64 pixels.
    if coded.width > size.width * 1.25 + 64 or coded.height > size.height * 1.25 + 64:
        raise unreadable("an image cut from far more pixels than it shows")
    return size


def _rounded(fraction: bytes) -> int:
    numerator, denominator = int.from_bytes(fraction[:4], "big"), int.from_bytes(fraction[4:], "big")
    if denominator == 0:
        raise unreadable("clean aperture is invalid")
    return (numerator + denominator // 2) // denominator
