"""The image types that are known, and how each is recognised by content."""

from enum import StrEnum

from imagekit.rejection import ImageFault, ImageRejected, unreadable

RECOGNITION_BYTES = 512
"""How many leading bytes `recognise` looks at; a shorter image is given whole."""

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


class ImageType(StrEnum):
    """An image type; the value is its name in settings and records, and Pillow's name for the format."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    TIFF = "TIFF"
    BMP = "BMP"
    AVIF = "AVIF"

    @property
    def extension(self) -> str:
        """The file name's ending, without a dot: `jpg` for JPEG, the lower-case name for the others."""
        return "jpg" if self is ImageType.JPEG else self.value.lower()

    @property
    def content_type(self) -> str:
        """The media type registered with IANA, such as `image/jpeg`."""
        return f"image/{self.value.lower()}"


def recognise(head: bytes) -> ImageType:
    """Recognise an image type by its first bytes, never by a name.

    Parameters
    ----------
    head
        The first `RECOGNITION_BYTES` bytes, or all of a shorter image.

    Raises
    ------
    ImageRejected
        `UNSUPPORTED_TYPE` for HEIC, which is an image all the same; `UNREADABLE_IMAGE` for anything else.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return ImageType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageType.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ImageType.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ImageType.WEBP
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return ImageType.TIFF
    if head.startswith(b"BM"):
        return ImageType.BMP
    if head[4:8] == b"ftyp":
        return _recognise_heif(head)
    raise unreadable("not an image type that is known")


def _recognise_heif(head: bytes) -> ImageType:
    box_end = min(int.from_bytes(head[:4], "big"), len(head))
    # The major brand, then (after the minor version) the compatible brands: ISO/IEC 14496-12, 4.3.
    brands = {head[8:12], *(head[start : start + 4] for start in range(16, box_end, 4))}
    if brands & _AVIF_BRANDS:
        return ImageType.AVIF
    if brands & _HEIC_BRANDS:
        raise ImageRejected(ImageFault.UNSUPPORTED_TYPE, detail={"type": "HEIC"})
    raise unreadable("not an image type that is known")
