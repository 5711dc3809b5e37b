"""TIFF headers: the first IFD, wherever in the file it stands (TIFF 6.0); and all pages."""

from collections.abc import Iterator

from imagekit.formats import raw
from imagekit.formats.header import Header
from imagekit.formats.image_type import ImageType
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.ifd import HEIGHT, WIDTH, ifd_offsets, read_ifd, read_tags
from imagekit.metadata.orientation import orientation_of
from imagekit.rejection import unreadable
from imagekit.source import BytesSource, Source

_BITS_PER_SAMPLE = 258
_EXTRA_SAMPLES = 338
_COLOR_PROFILE = 34675
_ALPHA = {1, 2}  # associated and not, of the kinds of extra samples
_MAX_SAMPLES = 8
_MAX_BITS = 64


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
    ifd = read_ifd(source)
    bits = [bits for bits in ifd.numbers(_BITS_PER_SAMPLE, limit=_MAX_SAMPLES) if 1 <= bits <= _MAX_BITS]
    return Header(
        type=ImageType.TIFF,
        stored_width=tags[WIDTH],
        stored_height=tags[HEIGHT],
        orientation=orientation_of(tags),
        frames=1 if ifd.next == 0 else None,
        has_alpha=not _ALPHA.isdisjoint(ifd.numbers(_EXTRA_SAMPLES, limit=_MAX_SAMPLES)),
        # One bit is what TIFF 6.0 has for a missing tag.
        bit_depth=int(max(bits, default=1)),
        has_color_profile=_COLOR_PROFILE in ifd.entries,
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
