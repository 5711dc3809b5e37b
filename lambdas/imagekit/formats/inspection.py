"""Reading an image's header without decoding a pixel, whatever its type."""

from itertools import islice

from imagekit.formats.format import RECOGNITION_BYTES
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS, recognise
from imagekit.rejection import unreadable
from imagekit.source import Source


def inspect_header(source: Source) -> Header:
    """Read what an image's header and its EXIF data say.

    `source`: the image's bytes, of which as few as possible are read.

    Raises ImageRejected: `UNREADABLE_IMAGE` or `UNSUPPORTED_TYPE`; nothing else is raised, whatever the bytes are.
    """
    image_type = recognise(source.read_at(0, RECOGNITION_BYTES))
    header = FORMATS[image_type].read_header(source)
    if header.stored_width < 1 or header.stored_height < 1:
        raise unreadable("an image without pixels")
    return header


def count_frames(data: bytes, *, header: Header, at_most: int) -> int:
    """Count the frames of an animation or the pages of a TIFF, without decoding any.

    A truncated file ends the count: decoding finds it out.

    Result: at least 1. Raises ImageRejected: `UNREADABLE_IMAGE` if the frames are in more pieces than any writer makes.
    """
    walk = FORMATS[header.type].frames
    if header.frames is not None or walk is None:
        return header.frames or 1
    return max(1, sum(1 for _ in islice(walk(data), at_most)))


def is_animation(header: Header) -> bool:
    """Return whether an image is a GIF or a WebP with several frames, which can be rendered as an animation.

    `header`: the result of `imagekit.decoding.limits.inspect`.
    """
    return FORMATS[header.type].display_times is not None and (header.frames or 1) > 1
