"""Write what a rendition keeps of its upload's metadata."""

from collections.abc import Collection

from PIL import Image

from imagekit.formats.header import Header
from imagekit.metadata.credits import CREDIT_TAGS
from safelight_contracts.renditions import Metadata


def kept_exif(header: Header, *, keep: Collection[Metadata]) -> bytes:
    """Return EXIF data that holds what to keep, and nothing else.

    `header`: the header of the upload.
    `keep`: what to keep.

    Returns a TIFF structure of one IFD, after EXIF's prefix of six bytes. Texts are UTF-8. Empty if there is nothing.
    """
    found = {} if header.photo_metadata is None else header.photo_metadata.credits
    exif = Image.Exif()
    for credit in keep:
        if credit in found:
            # Pillow replaces what is not ASCII in text, but not in bytes.
            exif[CREDIT_TAGS[credit]] = found[credit].encode()
    return exif.tobytes() if len(exif) else b""
