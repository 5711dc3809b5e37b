"""Limits on images, checked before anything is decoded."""

from dataclasses import replace

from imagekit.formats.header import Header
from imagekit.formats.inspection import count_frames, inspect_header
from imagekit.formats.registry import FORMATS
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import BytesSource
from safelight_contracts.limits import Limits

MAX_DECODING_BYTES = 1_300_000_000
"""The most memory, in bytes, that decoding pixels may take: 1,500 MB less the interpreter and the largest file. A
function that decodes has 1,769 MB."""


MAX_WRITTEN_PIXELS = 100_000_000
"""The maximum number of pixels of all frames of the rendition of an animation. They are all in memory at 4 bytes a
pixel."""


def inspect(data: bytes, *, limits: Limits) -> Header:
    """Read the header of an image in memory, count its frames, and check both against the limits.

    Returns the header, with the number of frames for every type. Counting stops at one frame more than the limit.
    Raises ImageRejected: for any fault of the image.
    """
    validate_file_size(len(data), limits=limits)
    header = inspect_header(BytesSource(data))
    validate_header(header, size=len(data), limits=limits)
    counted = replace(header, frames=count_frames(data, header=header, at_most=limits.max_frames + 1))
    validate_header(counted, size=len(data), limits=limits)
    return counted


def validate_file_size(size: int, *, limits: Limits) -> None:
    """Reject a file that is too large or empty.

    Raises ImageRejected: `IMAGE_TOO_LARGE` or, for an empty file, `UNREADABLE_IMAGE`.
    """
    if size < 1:
        raise ImageRejected(ImageFault.UNREADABLE_IMAGE, detail={"problem": "the file is empty"})
    if size > limits.max_bytes:
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={"bytes": size, "maxBytes": limits.max_bytes})


def validate_header(header: Header, *, size: int, limits: Limits) -> None:
    """Reject an image that exceeds the limits, or needs more memory to decode than there is.

    `header`: the header. Frames that it does not count are not checked.
    `size`: the file's size in bytes.

    Raises ImageRejected: `IMAGE_TOO_LARGE`, with the type and the limit.
    """
    coded = header.coded.transposed() if header.swaps_sides else header.coded
    sides = {"width": coded.width, "height": coded.height}
    pixels = coded.width * coded.height
    max_pixels = min(limits.max_pixels, MAX_DECODING_BYTES // FORMATS[header.type].decoding_bytes_a_pixel)
    if pixels > max_pixels:
        raise _too_large(header, **sides, maxPixels=max_pixels)
    if max(sides.values()) > limits.max_side:
        raise _too_large(header, **sides, maxSide=limits.max_side)
    if pixels > limits.max_ratio * size:
        raise _too_large(header, **sides, bytes=size, maxRatio=limits.max_ratio)
    if header.frames is not None and header.frames > limits.max_frames:
        raise _too_large(header, maxFrames=limits.max_frames)


def _too_large(header: Header, **detail: int) -> ImageRejected:
    return ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={**detail, "type": str(header.type)})


def decoding_bytes(header: Header) -> int:
    """Return the most memory, in bytes, that decoding an image may take.

    The image is within the limits of `validate_header`. One that is too large to be decoded at full size is decoded
    at a smaller size, within `MAX_DECODING_BYTES`.
    """
    found = FORMATS[header.type]
    bytes_a_pixel = found.full_decoding_bytes_a_pixel or found.decoding_bytes_a_pixel
    return min(header.coded.width * header.coded.height * bytes_a_pixel, MAX_DECODING_BYTES)
