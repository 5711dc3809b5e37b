"""All formats, each from the file that has its name."""

from collections.abc import Mapping
from importlib import import_module

from imagekit.formats.boxes import brands_of
from imagekit.formats.format import Format
from imagekit.rejection import ImageFault, ImageRejected, unreadable
from safelight_contracts.image_types import ImageType

_ANY_HEIF_BRANDS = {b"mif1", b"msf1"}


def _format_of(image_type: ImageType) -> Format:
    found: Format = import_module(f"imagekit.formats.{image_type.lower()}").FORMAT
    return found


FORMATS: Mapping[ImageType, Format] = {image_type: _format_of(image_type) for image_type in ImageType}
"""The descriptor of each image type, in the order in which they are tried."""


def recognise(head: bytes) -> ImageType:
    """Recognise an image type by its first bytes, never by a name.

    `head`: the first `RECOGNITION_BYTES` bytes, or all of a shorter file.

    Raises ImageRejected: `UNSUPPORTED_TYPE` for a HEIF file that does not say how it is coded; `UNREADABLE_IMAGE` for
    anything else that no format recognises.
    """
    for image_type, one in FORMATS.items():
        if one.recognises(head):
            return image_type
    if brands_of(head) & _ANY_HEIF_BRANDS:
        raise ImageRejected(ImageFault.UNSUPPORTED_TYPE, detail={"type": "HEIF"})
    raise unreadable("unknown image type")
