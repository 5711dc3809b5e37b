"""Write a redacted picture as a file of its own type, from its pixels alone.

A file can hold what its picture no longer shows: an EXIF thumbnail, a preview, a second picture (MPF), a gain map, a
depth map, a video, XMP, bytes behind the end. Nothing of the source's bytes is copied. The file has the colour profile
of its pixels, which is sRGB, and the resolution.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyvips

from imagekit.decoding.decode import Decoded
from imagekit.decoding.libvips import profile_of
from imagekit.operations.delivered import EncodedImage
from imagekit.redaction.redacted import RedactedImage
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.image_types import MAX_SIDES, ImageType

QUALITY = 92
"""Of a JPEG and a lossy WebP: a picture that is written again loses little that can be seen."""

AVIF_QUALITY = 80
"""Of an AVIF. libaom's scale differs from libjpeg's."""

WRITTEN_AS: Mapping[ImageType, ImageType] = {
    ImageType.JPEG: ImageType.JPEG,
    ImageType.PNG: ImageType.PNG,
    ImageType.WEBP: ImageType.WEBP,
    ImageType.AVIF: ImageType.AVIF,
    ImageType.TIFF: ImageType.TIFF,
    # Lossless types that nobody needs to be written again.
    ImageType.GIF: ImageType.PNG,
    ImageType.BMP: ImageType.PNG,
    ImageType.HEIC: ImageType.JPEG,
    ImageType.RAW: ImageType.JPEG,
    ImageType.JPEG2000: ImageType.JPEG,
}
"""The type of the redacted file, by that of the source."""

_PROFILE = "icc-profile-data"
_CHROMA_SUBSAMPLING = "jpeg-chroma-subsample"
_HALVED = "4:2:0"
_WHITE = 255
_COLORS = 3
# libvips counts in pixels a millimetre. Where a file does not say, libvips says 1.
_UNKNOWN_RESOLUTION = 1.0
_MM_AN_INCH = 25.4
_USUAL_RESOLUTION = 72 / _MM_AN_INCH
# A JFIF header has 16 bits for pixels an inch.
_MIN_RESOLUTION, _MAX_RESOLUTION = 1 / _MM_AN_INCH, 65_535 / _MM_AN_INCH
# The header of JFIF 1.01: marker, length, name, version, unit (an inch), resolution, and no thumbnail.
_JFIF = ">HH5sBBBHHBB"
_SOI_BYTES = 2
# RIFF container of WebP (RFC 9649, 2.3): 12 bytes, then chunks of even size.
_RIFF_HEADER = 12
_CHUNK_HEADER = 8
_LOSSLESS_CHUNK = b"VP8L"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """All that is kept of a source beside its pixels.

    `has_profile`: whether it has a colour profile. The redacted file then has one, too: that of sRGB.
    `resolution`: pixels a millimetre across and down, as stored.
    `halves_colors`: whether two by two pixels of a JPEG share a colour.
    `is_lossless`: whether a WebP is lossless.
    """

    has_profile: bool
    resolution: tuple[float, float]
    halves_colors: bool
    is_lossless: bool


def kept_of(source: EncodedImage, *, decoded: Decoded) -> Kept:
    """Read what is kept of a source.

    `decoded`: the source, as `imagekit.decoding.decode.decode` returns it.
    """
    pixels = decoded.pixels
    across, down = (_usable(pixels.xres), _usable(pixels.yres))
    return Kept(
        has_profile=profile_of(pixels) is not None,
        resolution=(down, across) if source.header.swaps_sides else (across, down),
        halves_colors=_text_of(pixels, _CHROMA_SUBSAMPLING).startswith(_HALVED),
        is_lossless=source.header.type is ImageType.WEBP and _LOSSLESS_CHUNK in _webp_chunks(source.data),
    )


def write(picture: pyvips.Image, *, source: ImageType, kept: Kept) -> RedactedImage:
    """Write a redacted picture.

    Parameters
    ----------
    picture
        Of 8 bits, grey or sRGB, upright and in memory, from `imagekit.redaction.redact.redact`: without metadata.
    source
        The type of the source.
    kept
        What the file keeps beside the pixels.

    Returns
    -------
    RedactedImage
        A JPEG or a lossy WebP of `QUALITY`, an AVIF of `AVIF_QUALITY`, or a lossless file. A JPEG has a colour for each
        pixel, unless the source is a JPEG that halves them. Transparency that a JPEG cannot hold becomes white.

    Raises
    ------
    ImageRejected
        ``IMAGE_TOO_LARGE`` if the type holds no side as long.
    """
    image_type = WRITTEN_AS[source]
    most = MAX_SIDES.get(image_type)
    if most is not None and max(picture.width, picture.height) > most:
        detail = {"width": picture.width, "height": picture.height, "maxSide": most, "type": str(image_type)}
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail)
    if image_type is ImageType.JPEG and picture.hasalpha():
        picture = picture.flatten(background=_WHITE)
    across, down = kept.resolution
    marked = picture.copy(xres=across, yres=down)
    if kept.has_profile and picture.bands >= _COLORS:
        marked.set_type(pyvips.GValue.blob_type, _PROFILE, pyvips.Image.profile_load("srgb"))
    data = _WRITERS[image_type](marked, kept)
    return RedactedImage(data=data, type=image_type, width=picture.width, height=picture.height)


def _jpeg(picture: pyvips.Image, kept: Kept) -> bytes:
    data = _saved(picture, "jpegsave", Q=QUALITY, subsample_mode="on" if kept.halves_colors else "off")
    # libvips writes no JFIF header, which holds the resolution, unless it writes EXIF data, too.
    across, down = (round(resolution * _MM_AN_INCH) for resolution in kept.resolution)
    return data[:_SOI_BYTES] + struct.pack(_JFIF, 0xFFE0, 16, b"JFIF", 1, 1, 1, across, down, 0, 0) + data[_SOI_BYTES:]


def _png(picture: pyvips.Image, _: Kept) -> bytes:
    # zlib's level 4 takes half the time of 6 for 3 % more bytes or less (`imagekit.operations.output`).
    return _saved(picture, "pngsave", compression=4, filter="sub")


def _webp(picture: pyvips.Image, kept: Kept) -> bytes:
    if kept.is_lossless:
        return _saved(picture, "webpsave", lossless=True, exact=True, effort=1)
    return _saved(picture, "webpsave", Q=QUALITY, effort=2)


def _avif(picture: pyvips.Image, _: Kept) -> bytes:
    return _saved(picture, "heifsave", compression="av1", Q=AVIF_QUALITY, subsample_mode="off", effort=0)


def _tiff(picture: pyvips.Image, _: Kept) -> bytes:
    return _saved(picture, "tiffsave", compression="deflate", predictor="horizontal")


_WRITERS: Mapping[ImageType, Callable[[pyvips.Image, Kept], bytes]] = {
    ImageType.JPEG: _jpeg,
    ImageType.PNG: _png,
    ImageType.WEBP: _webp,
    ImageType.AVIF: _avif,
    ImageType.TIFF: _tiff,
}


def _saved(picture: pyvips.Image, saver: str, **options: Any) -> bytes:
    data: bytes = pyvips.Operation.call(f"{saver}_buffer", picture, keep="icc", **options)
    return data


def _usable(resolution: float) -> float:
    if resolution == _UNKNOWN_RESOLUTION or not _MIN_RESOLUTION <= resolution <= _MAX_RESOLUTION:
        return _USUAL_RESOLUTION
    return resolution


def _text_of(pixels: pyvips.Image, name: str) -> str:
    return str(pixels.get(name)) if pixels.get_typeof(name) else ""


def _webp_chunks(data: bytes) -> Iterator[bytes]:
    offset = _RIFF_HEADER
    while offset + _CHUNK_HEADER <= len(data):
        yield data[offset : offset + 4]
        size = int.from_bytes(data[offset + 4 : offset + _CHUNK_HEADER], "little")
        offset += _CHUNK_HEADER + size + size % 2
