"""TIFF headers: the first IFD, wherever in the file it stands (TIFF 6.0); and all pages."""

from collections.abc import Iterator

from imagekit.formats import raw
from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.ifd import HEIGHT, WIDTH, ifd_offsets, read_ifd, read_tags
from imagekit.metadata.orientation import orientation_of
from imagekit.rejection import unreadable
from imagekit.source import BytesSource, Source
from safelight_contracts.image_types import ImageType


def read_header(source: Source) -> Header:
    """Read what a TIFF's first IFD tells of its first image, or of a camera's raw data in a TIFF's clothes.

    Raises
    ------
    ImageRejected
        `UNSUPPORTED_TYPE` where the first image is but a thumbnail, and of what is not known.
    """
    tags = read_tags(source)
    if raw.may_be_raw(tags):
        return raw.read_header(source)
    if WIDTH not in tags or HEIGHT not in tags:
        raise unreadable("a TIFF without a size")
    return Header(
        type=ImageType.TIFF,
        stored_width=tags[WIDTH],
        stored_height=tags[HEIGHT],
        orientation=orientation_of(tags),
        frames=1 if read_ifd(source).next == 0 else None,
        photo_metadata=read_photo_metadata(source),
    )


def pages(data: bytes) -> Iterator[int]:
    """Find the pages of a TIFF without decoding any: where in the file the IFD of each begins.

    Parameters
    ----------
    data
        The whole file, of which `read_header` has read the header.
    """
    return ifd_offsets(BytesSource(data))


def _recognises(head: bytes) -> bool:
    return head.startswith((b"II*\x00", b"MM\x00*")) and not raw.is_cr2(head)


FORMAT = Format(
    extension="tiff",
    content_type="image/tiff",
    recognises=_recognises,
    read_header=read_header,
    # Grey that is not of 8 bits.
    decoding_bytes_a_pixel=13,
    pillow_name="TIFF",
    plugins=["PIL.TiffImagePlugin"],
    is_turned_when_loaded=True,
    frames=pages,
)
"""TIFF, decoded by Pillow and libtiff. Camera raw that begins as a TIFF does is read as such."""
