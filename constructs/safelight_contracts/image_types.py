"""The image types that Safelight knows."""

from enum import StrEnum


class ImageType(StrEnum):
    """An image format. It is recognised by the content of an object, never by its name."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    TIFF = "TIFF"
    BMP = "BMP"
    AVIF = "AVIF"
    HEIC = "HEIC"
    JPEG2000 = "JPEG2000"
    """JP2, JPX and the bare codestream."""
    RAW = "RAW"
    """A camera's raw file: NEF, CR2, CR3, ARW, DNG and others."""


MAX_SIDES = {
    ImageType.JPEG: 65_500,
    ImageType.PNG: 2**31 - 1,
    ImageType.WEBP: 16_383,
    ImageType.AVIF: 65_535,
}
"""The longest side, in pixels, that libjpeg, PNG, libwebp and libaom can write."""

WRITABLE_TYPES = tuple(MAX_SIDES)
"""The types that a rendition can have."""
