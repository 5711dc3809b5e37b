"""TIFF headers: the first directory, wherever in the file it stands (TIFF 6.0)."""

from imagekit.directory import orientation_of, read_tags
from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import ImageFault, ImageRejected, unreadable
from imagekit.source import Source

_NEW_SUBFILE_TYPE = 254
_WIDTH = 256
_HEIGHT = 257
_DNG_VERSION = 50706
_REDUCED = 1


def read_header(source: Source) -> Header:
    """Read size and orientation of a TIFF's first image.

    Raises
    ------
    ImageRejected
        `UNSUPPORTED_TYPE` where the first image is but a thumbnail of raw camera data, as in a DNG.
    """
    tags = read_tags(source, base=0)
    if _DNG_VERSION in tags or tags.get(_NEW_SUBFILE_TYPE, 0) & _REDUCED:
        raise ImageRejected(ImageFault.UNSUPPORTED_TYPE, detail={"type": "RAW"})
    if _WIDTH not in tags or _HEIGHT not in tags:
        raise unreadable("a TIFF without a size")
    return Header(
        type=ImageType.TIFF,
        stored_width=tags[_WIDTH],
        stored_height=tags[_HEIGHT],
        orientation=orientation_of(tags),
    )
