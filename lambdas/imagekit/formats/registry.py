"""All formats, each from the file that has its name."""

from collections.abc import Mapping
from importlib import import_module

from imagekit.formats.format import Format
from imagekit.formats.unsupported import name_of_unsupported
from imagekit.rejection import unreadable, unsupported
from safelight_contracts.image_types import ImageType


def _format_of(image_type: ImageType) -> Format:
    found: Format = import_module(f"imagekit.formats.{image_type.lower()}").FORMAT
    return found


FORMATS: Mapping[ImageType, Format] = {image_type: _format_of(image_type) for image_type in ImageType}
"""The descriptor of each image type, in the order in which they are tried."""


def recognise(head: bytes) -> ImageType:
    """Recognise an image type by its first bytes, never by a name.

    `head`: the first `RECOGNITION_BYTES` bytes, or all of a shorter file.

    Raises ImageRejected: `UNSUPPORTED_TYPE` with the name of the type for a known one that no format reads, and for a
    HEIF file that does not say how it is coded; `UNREADABLE_IMAGE` for anything else.
    """
    for image_type, one in FORMATS.items():
        if one.recognises(head):
            return image_type
    name = name_of_unsupported(head)
    if name is not None:
        raise unsupported(name)
    raise unreadable("unknown image type")
