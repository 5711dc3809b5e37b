"""The type of the file that is delivered, and the file."""

import pyvips

from imagekit.decoding.libvips import to_pillow
from imagekit.decoding.srgb_conversion import is_transparent, without_hidden_colors
from imagekit.formats.header import Header
from imagekit.geometry import Size
from imagekit.operations.bounds import check_type_size, fits_avif
from imagekit.operations.delivered import DeliveredImage
from imagekit.operations.png import encode_png
from imagekit.operations.workpiece import colors_of
from imagekit.rendering.encode import encode, png_compression
from imagekit.rendering.kept_metadata import kept_exif
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.operations import Output
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.image_types import WRITABLE_TYPES, ImageType
from safelight_contracts.renditions import Metadata

_ACCEPTED = {AcceptedType.AVIF: ImageType.AVIF, AcceptedType.WEBP: ImageType.WEBP}

# A viewer waits for the first file, and thousands may load it later. `python -m bench.delivery.miss` measures it.
# JPEG: not progressive. That takes 5 % more bytes, as many as sharp's, and 10 ms less at 1280 pixels.
# WebP: as sharp. Files are 3 % smaller than with the workflow's setting.
# AVIF: the fastest setting whose files are at equal SSIM at least a fifth smaller than WebP's, and as large as sharp's.
# PNG: zlib's level 4 takes half the time of 6 for 3 % more bytes or less.
_PNG_EFFORT = 2
_EFFORTS = {ImageType.JPEG: 3, ImageType.PNG: _PNG_EFFORT, ImageType.WEBP: 4, ImageType.AVIF: 3}


def write(image: pyvips.Image, *, output: Output, accepted: AcceptedType, header: Header) -> DeliveredImage:
    """Write a picture as the file that the request asks for, or that the viewer accepts.

    What is too large for an AVIF becomes a WebP, unless the request names AVIF: browsers that know AVIF know WebP. A
    JPEG of a transparent picture is on white. An alpha channel that is opaque everywhere is not written.

    Parameters
    ----------
    image
        RGB or RGBA of 8 bits, in memory.
    header
        The source's, for the metadata that stays.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if the type cannot be written, or the picture is too large for it.
    """
    size = Size(width=image.width, height=image.height)
    check_type_size(output.type, size=size)
    bare = without_hidden_colors(image) if is_transparent(image) else colors_of(image)
    image_type = output.type or _accepted_type(accepted, size=size, is_opaque=bare.bands == 3)
    check_type(image_type)
    effort, exif = effort_of(image_type, output=output), exif_of(header, output=output)
    if image_type is ImageType.PNG:
        data = encode_png(bare, compression=png_compression(_PNG_EFFORT if effort is None else effort), exif=exif)
    else:
        data = encode(to_pillow(bare), image_type=image_type, quality=output.quality, effort=effort, exif=exif)
    return DeliveredImage(data=data, type=image_type, width=size.width, height=size.height)


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


def effort_of(image_type: ImageType, *, output: Output) -> int | None:
    """Return the effort of the encoder. ``None`` is the encoder's own."""
    return _EFFORTS.get(image_type) if output.effort is None else output.effort


def exif_of(header: Header, *, output: Output) -> bytes:
    """Return the EXIF data of the file: copyright and artist, or nothing."""
    return kept_exif(header, keep=[Metadata.COPYRIGHT, Metadata.ARTIST] if output.keep_metadata else [])


def _accepted_type(accepted: AcceptedType, *, size: Size, is_opaque: bool) -> ImageType:
    if accepted is AcceptedType.AVIF and not fits_avif(size):
        return ImageType.WEBP
    return _ACCEPTED.get(accepted, ImageType.JPEG if is_opaque else ImageType.PNG)
