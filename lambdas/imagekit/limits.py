"""Limits on bytes and pixels, which are checked before anything is decoded."""

from dataclasses import dataclass

from imagekit.header import Header
from imagekit.rejection import ImageFault, ImageRejected


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large an image may be.

    Attributes
    ----------
    max_bytes
        The largest file, in bytes. 100 MB when left out.
    max_pixels
        The largest image, in pixels (width times height). 100 million when left out.
    """

    max_bytes: int = 104_857_600
    max_pixels: int = 100_000_000


def check_bytes(size: int, *, limits: Limits) -> None:
    """Reject a file that is too large, or empty.

    Parameters
    ----------
    size
        The file's size in bytes.
    limits
        What is allowed.

    Raises
    ------
    ImageRejected
        `IMAGE_TOO_LARGE` or, for an empty file, `UNREADABLE_IMAGE`.
    """
    if size < 1:
        raise ImageRejected(ImageFault.UNREADABLE_IMAGE, detail={"problem": "an empty file"})
    if size > limits.max_bytes:
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={"bytes": size, "maxBytes": limits.max_bytes})


def check_pixels(header: Header, *, limits: Limits) -> None:
    """Reject an image with too many pixels.

    Parameters
    ----------
    header
        What the image's header says.
    limits
        What is allowed.

    Raises
    ------
    ImageRejected
        `IMAGE_TOO_LARGE`.
    """
    if header.width * header.height > limits.max_pixels:
        raise ImageRejected(
            ImageFault.IMAGE_TOO_LARGE,
            detail={"width": header.width, "height": header.height, "maxPixels": limits.max_pixels},
        )
