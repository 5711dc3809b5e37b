"""The names of the image types."""

from enum import StrEnum


class ImageType(StrEnum):
    """An image type; the value is its name in settings and records."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    TIFF = "TIFF"
    BMP = "BMP"
    AVIF = "AVIF"
    HEIC = "HEIC"
    JPEG2000 = "JPEG2000"
    """JP2, JPX and the bare codestream: read, never written."""
    RAW = "RAW"
    """Camera raw, such as DNG, NEF, CR2, CR3, ARW, RAF, ORF and RW2: read, never written."""
