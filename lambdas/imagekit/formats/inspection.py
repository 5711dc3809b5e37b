"""Reading an image's header without decoding a pixel, whatever its type."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from imagekit.formats import bmp, gif, heif, jpeg, jpeg2000, png, raw, tiff, webp
from imagekit.formats.header import Header
from imagekit.formats.image_type import RECOGNITION_BYTES, recognise
from imagekit.rejection import unreadable
from imagekit.source import MeasuredSource, Source
from safelight_contracts.image_types import ImageType

_READERS: dict[ImageType, Callable[[Source], Header]] = {
    ImageType.JPEG: jpeg.read_header,
    ImageType.PNG: png.read_header,
    ImageType.WEBP: webp.read_header,
    ImageType.GIF: gif.read_header,
    ImageType.TIFF: tiff.read_header,
    ImageType.BMP: bmp.read_header,
    ImageType.AVIF: partial(heif.read_header, image_type=ImageType.AVIF),
    ImageType.HEIC: partial(heif.read_header, image_type=ImageType.HEIC),
    ImageType.JPEG2000: jpeg2000.read_header,
    ImageType.RAW: raw.read_header,
}


def inspect_header(source: Source) -> Header:
    """Read what an image's header says, and the facts that its EXIF data tells.

    Parameters
    ----------
    source
        The image's bytes, of which as few as possible are read.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` or `UNSUPPORTED_TYPE`; nothing else is raised, whatever the bytes are.
    """
    measured = MeasuredSource(source)
    image_type = recognise(measured.read_at(0, RECOGNITION_BYTES))
    header = _READERS[image_type](measured)
    if header.stored_width < 1 or header.stored_height < 1:
        raise unreadable("an image without pixels")
    return replace(header, bytes_needed=measured.end)
