"""The image types that are known, and how each is recognised by content."""

from imagekit.rejection import ImageFault, ImageRejected, unreadable
from safelight_contracts.image_types import ImageType

RECOGNITION_BYTES = 512
"""How many leading bytes `recognise` looks at; a shorter image is given whole."""

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_ANY_HEIF_BRANDS = {b"mif1", b"msf1"}
_CR3_BRAND = b"crx "
# Fujifilm's RAF, Panasonic's RW2, Olympus' ORF. Other cameras' files begin as TIFF files do.
_RAW_STARTS = (b"FUJIFILMCCD-RAW ", b"IIU\x00", b"IIRO", b"IIRS", b"MMOR")

# JP2's signature box, and the two markers that begin a bare codestream.
_JPEG2000_STARTS = (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")


def recognise(head: bytes) -> ImageType:
    """Recognise an image type by its first bytes, never by a name.

    Parameters
    ----------
    head
        The first `RECOGNITION_BYTES` bytes, or all of a shorter image.

    Raises
    ------
    ImageRejected
        `UNSUPPORTED_TYPE` for a HEIF file that does not say how it is coded, which is an image all the same;
        `UNREADABLE_IMAGE` for anything else.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return ImageType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageType.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ImageType.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ImageType.WEBP
    # Canon's CR2 is a TIFF file with its own mark behind the first eight bytes.
    if head.startswith(_RAW_STARTS) or (head.startswith(b"II*\x00") and head[8:10] == b"CR"):
        return ImageType.RAW
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return ImageType.TIFF
    if head.startswith(_JPEG2000_STARTS):
        return ImageType.JPEG2000
    if head.startswith(b"BM"):
        return ImageType.BMP
    if head[4:8] == b"ftyp":
        return _recognise_by_brand(head)
    raise unreadable("not an image type that is known")


def _recognise_by_brand(head: bytes) -> ImageType:
    box_end = min(int.from_bytes(head[:4], "big"), len(head))
    # The major brand, then (after the minor version) the compatible brands: ISO/IEC 14496-12, 4.3.
    brands = {head[8:12], *(head[start : start + 4] for start in range(16, box_end, 4))}
    if brands & _AVIF_BRANDS:
        return ImageType.AVIF
    if brands & _HEIC_BRANDS:
        return ImageType.HEIC
    if _CR3_BRAND in brands:
        return ImageType.RAW
    if brands & _ANY_HEIF_BRANDS:
        raise ImageRejected(ImageFault.UNSUPPORTED_TYPE, detail={"type": "HEIF"})
    raise unreadable("not an image type that is known")
