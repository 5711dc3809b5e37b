"""TIFF headers: the first directory, wherever in the file it stands (TIFF 6.0)."""

from imagekit import raw
from imagekit.directory import HEIGHT, WIDTH, orientation_of, read_tags
from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import Source


def read_header(source: Source) -> Header:
    """Read size and orientation of a TIFF's first image, or of a camera's raw data in a TIFF's clothes.

    Raises
    ------
    ImageRejected
        `UNSUPPORTED_TYPE` where the first image is but a thumbnail, and of what is not known.
    """
    tags = read_tags(source, base=0)
    if raw.may_be_raw(tags):
        return raw.read_header(source)
    if WIDTH not in tags or HEIGHT not in tags:
        raise unreadable("a TIFF without a size")
    return Header(
        type=ImageType.TIFF,
        stored_width=tags[WIDTH],
        stored_height=tags[HEIGHT],
        orientation=orientation_of(tags),
    )
