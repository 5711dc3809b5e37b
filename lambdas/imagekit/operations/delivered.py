"""Files that come and go, as functions know them that do not decode themselves."""

from dataclasses import dataclass

from imagekit.formats.header import Header
from safelight_contracts.image_types import ImageType


@dataclass(frozen=True, kw_only=True)
class EncodedImage:
    """An image file.

    Attributes
    ----------
    data
        The file.
    header
        The result of `imagekit.decoding.limits.inspect`.
    """

    data: bytes
    header: Header


@dataclass(frozen=True, kw_only=True)
class DeliveredImage:
    """A file that is delivered.

    Attributes
    ----------
    data
        The file.
    type
        Its type.
    width, height
        Pixels.
    """

    data: bytes
    type: ImageType
    width: int
    height: int
