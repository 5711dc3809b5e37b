"""The type of the file that is delivered, and the file."""

from dataclasses import dataclass

import pyvips

from imagekit.decoding.libvips import to_pillow
from imagekit.decoding.srgb_conversion import is_transparent, without_hidden_colors
from imagekit.formats.header import Header
from imagekit.operations.workpiece import colors_of
from imagekit.rendering.encode import encode
from imagekit.rendering.kept_metadata import kept_exif
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import Output
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType
from safelight_contracts.renditions import Metadata

_ACCEPTED = {AcceptedType.AVIF: ImageType.AVIF, AcceptedType.WEBP: ImageType.WEBP}


@dataclass(frozen=True, kw_only=True)
class DeliveredImage:
    """A file that is delivered. ``width`` and ``height`` in pixels."""

    data: bytes
    type: ImageType
    width: int
    height: int


def write(image: pyvips.Image, *, output: Output, accepted: AcceptedType, header: Header) -> DeliveredImage:
    """Write a picture as the file that the request asks for, or that the viewer accepts.

    A JPEG of a transparent picture is on white. An alpha channel that is opaque everywhere is not written.

    Parameters
    ----------
    image
        RGB or RGBA of 8 bits, in memory.
    header
        The source's, for the metadata that stays.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if the type cannot be written.
    """
    bare = without_hidden_colors(image) if is_transparent(image) else colors_of(image)
    image_type = output.type or _accepted_type(accepted, is_opaque=bare.bands == 3)
    check_type(image_type)
    data = encode(
        to_pillow(bare),
        image_type=image_type,
        quality=output.quality,
        effort=output.effort,
        exif=exif_of(header, output=output),
    )
    return DeliveredImage(data=data, type=image_type, width=image.width, height=image.height)


def check_type(image_type: ImageType) -> None:
    """Refuse a type that cannot be written.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER``.
    """
    if image_type not in WRITABLE_TYPES:
        names = ", ".join(writable.value for writable in WRITABLE_TYPES)
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER, f"{image_type.value} cannot be written. Choose one of {names}.", parameter="format"
        )


def exif_of(header: Header, *, output: Output) -> bytes:
    """Return the EXIF data of the file: copyright and artist, or nothing."""
    return kept_exif(header, keep=[Metadata.COPYRIGHT, Metadata.ARTIST] if output.keep_metadata else [])


def _accepted_type(accepted: AcceptedType, *, is_opaque: bool) -> ImageType:
    return _ACCEPTED.get(accepted, ImageType.JPEG if is_opaque else ImageType.PNG)
