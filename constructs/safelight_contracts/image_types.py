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

    @property
    def extension(self) -> str:
        """The file extension without a dot: `jpg`, `jp2`, and the name in lower case for the others."""
        return {ImageType.JPEG: "jpg", ImageType.JPEG2000: "jp2"}.get(self, self.value.lower())

    @property
    def content_type(self) -> str:
        """The media type that IANA has registered, such as `image/jpeg`. RAW, which is never written, has none."""
        return "image/jp2" if self is ImageType.JPEG2000 else f"image/{self.value.lower()}"


MAX_SIDES = {
    ImageType.JPEG: 65_500,
    ImageType.PNG: 2**31 - 1,
    ImageType.WEBP: 16_383,
    ImageType.AVIF: 65_535,
}
"""The longest side, in pixels, that libjpeg, PNG, libwebp and libaom can write."""

WRITABLE_TYPES = tuple(MAX_SIDES)
"""The types that a rendition can have."""
