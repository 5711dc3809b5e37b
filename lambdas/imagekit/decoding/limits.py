"""Limits on images, checked before anything is decoded."""

from dataclasses import dataclass

from imagekit.formats.header import Header
from imagekit.formats.image_type import ImageType
from imagekit.formats.registry import FORMATS
from imagekit.rejection import ImageFault, ImageRejected

MAX_DECODING_BYTES = 1_300_000_000
"""The most memory, in bytes, that decoding pixels may take: 1,500 MB less the interpreter and the largest file. A
function that decodes has 1,769 MB."""

RAW_FULL_BYTES_A_PIXEL = 14
"""What camera raw takes at full size: LibRaw's interpolation and the picture."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an image may be.

    Attributes
    ----------
    max_bytes
        The largest file, in bytes. 100 MB when left out.
    max_pixels
        The largest image, in pixels (width times height). 100 million when left out. WebP, AVIF, HEIC and JPEG 2000,
        which take more memory to decode, are held to 72, 68, 61 and 36 million however large this is.
    max_side
        The longest side, in pixels. 65,535 when left out, which is the most that a JPEG or a GIF can have.
    max_frames
        The most frames of an animation, pages of a TIFF or pictures of a collection, though the first alone be shown.
        1,000 when left out.
    max_ratio
        The most pixels for each byte of the file. 250,000 when left out: a blank page has less than a third of that in
        the format that compresses it best.
    max_seconds
        The most processor seconds that one file may take in one function. 30 when left out.
    """

    max_bytes: int = 104_857_600
    max_pixels: int = 100_000_000
    max_side: int = 65_535
    max_frames: int = 1_000
    max_ratio: int = 250_000
    max_seconds: int = 30


def check_bytes(size: int, *, limits: Limits) -> None:
    """Reject a file that is too large or empty.

    Raises
    ------
    ImageRejected
        `IMAGE_TOO_LARGE` or, for an empty file, `UNREADABLE_IMAGE`.
    """
    if size < 1:
        raise ImageRejected(ImageFault.UNREADABLE_IMAGE, detail={"problem": "an empty file"})
    if size > limits.max_bytes:
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={"bytes": size, "maxBytes": limits.max_bytes})


def check_header(header: Header, *, size: int, limits: Limits) -> None:
    """Reject an image that exceeds the limits, or needs more memory to decode than there is.

    Parameters
    ----------
    header
        The header. Frames that it does not count are not checked.
    size
        The file's size in bytes.
    limits
        What is allowed.

    Raises
    ------
    ImageRejected
        `IMAGE_TOO_LARGE`, with the type and the limit.
    """
    sides = {"width": header.width, "height": header.height}
    pixels = header.width * header.height
    max_pixels = min(limits.max_pixels, MAX_DECODING_BYTES // FORMATS[header.type].decoding_bytes_a_pixel)
    if pixels > max_pixels:
        raise _too_large(header, **sides, maxPixels=max_pixels)
    if max(header.width, header.height) > limits.max_side:
        raise _too_large(header, **sides, maxSide=limits.max_side)
    if pixels > limits.max_ratio * size:
        raise _too_large(header, **sides, bytes=size, maxRatio=limits.max_ratio)
    if header.frames is not None and header.frames > limits.max_frames:
        raise _too_large(header, maxFrames=limits.max_frames)


def _too_large(header: Header, **detail: int) -> ImageRejected:
    return ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={**detail, "type": str(header.type)})


def decoding_bytes(header: Header) -> int:
    """Give the most memory, in bytes, that decoding an image may take.

    Camera raw is counted at full size. If there is no memory for that, it is developed at half size.
    """
    pixels = header.width * header.height
    if header.type is ImageType.RAW:
        return min(pixels * RAW_FULL_BYTES_A_PIXEL, MAX_DECODING_BYTES)
    return pixels * FORMATS[header.type].decoding_bytes_a_pixel
