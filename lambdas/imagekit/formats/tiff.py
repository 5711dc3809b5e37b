"""TIFF headers: the first IFD, wherever in the file it is (TIFF 6.0, BigTIFF); and all pages."""

from collections.abc import Iterator, Mapping

from imagekit.formats import raw
from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.formats.sensor_data import PHOTOMETRIC
from imagekit.metadata.color_encoding import SRGB, ColorEncoding
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.exif_color import exif_color_encoding
from imagekit.metadata.ifd import HEIGHT, WIDTH, Ifd, ifd_offsets, is_big_tiff, read_ifd, read_tags
from imagekit.metadata.orientation import orientation_of
from imagekit.rejection import unreadable, unsupported
from imagekit.source import BytesSource, Source
from safelight_contracts.image_types import ImageType

# Classic TIFF and BigTIFF.
_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

# ICC.1:2022, B.5.
_ICC_PROFILE = 34675
# RGB and YCbCr.
_COLORS = {2, 6}

# TIFF 6.0, sections 8 and 20 to 23; and the Lab of ICC and ITU.
_YCBCR, _CIE_LAB = 6, 8
_LAB: Mapping[float, str] = {_CIE_LAB: "Lab", 9: "ICC Lab", 10: "ITU Lab"}
_BITS_PER_SAMPLE, _LAB_BITS = 258, 8
_COMPRESSION, _JPEG = 259, {6, 7}


def read_header(source: Source) -> Header:
    """Read the first IFD: the first image of a TIFF, or camera raw that is stored as TIFF.

    Raises ImageRejected: `UNSUPPORTED_TYPE` if the first image is only a thumbnail of something unknown, or for camera
    raw in a BigTIFF, or for Lab other than CIE L*a*b* of 8 bits.
    """
    tags = read_tags(source)
    if raw.may_be_raw(tags):
        if is_big_tiff(source):
            raise unsupported("camera raw in BigTIFF")
        return raw.read_header(source)
    if WIDTH not in tags or HEIGHT not in tags:
        raise unreadable("a TIFF without a size")
    first = read_ifd(source)
    _check_lab(first)
    return Header(
        type=ImageType.TIFF,
        stored_width=tags[WIDTH],
        stored_height=tags[HEIGHT],
        orientation=orientation_of(tags),
        frames=1 if first.next == 0 else None,
        color_encoding=_color_encoding(source, first=first),
        photo_metadata=read_photo_metadata(source),
    )


def _check_lab(first: Ifd) -> None:
    # Pillow reads no other Lab, and libvips none.
    color = first.number(PHOTOMETRIC)
    depths = first.numbers(_BITS_PER_SAMPLE, limit=4)
    if color is not None and color in _LAB and (color != _CIE_LAB or any(depth != _LAB_BITS for depth in depths)):
        bits = f"{depths[0]:g}-bit " if depths else ""
        raise unsupported(f"{bits}{_LAB[color]} TIFF")


def _color_encoding(source: Source, *, first: Ifd) -> ColorEncoding:
    # EXIF data says nothing of grey, of inks or of Lab.
    if _ICC_PROFILE in first.entries or first.number(PHOTOMETRIC) not in _COLORS:
        return SRGB
    return exif_color_encoding(source)


def pages(data: bytes) -> Iterator[int]:
    """Find the pages of a TIFF without decoding any: the offset of the IFD of each.

    `data`: the whole file, of which `read_header` has read the header.
    """
    return ifd_offsets(BytesSource(data))


def _is_beyond_libvips(data: bytes) -> bool:
    # libvips takes luma and chroma for red, green and blue, unless libjpeg converts them. It cannot read Lab.
    tags = read_tags(BytesSource(data))
    color = tags.get(PHOTOMETRIC)
    return color in _LAB or (color == _YCBCR and tags.get(_COMPRESSION) not in _JPEG)


def _recognises(head: bytes) -> bool:
    return head.startswith(_STARTS) and not raw.is_cr2(head)


FORMAT = Format(
    extension="tiff",
    content_type="image/tiff",
    recognises=_recognises,
    read_header=read_header,
    # Measured with grey of another depth than 8 bits.
    decoding_bytes_a_pixel=13,
    libvips_loader="tiffload",
    is_beyond_libvips=_is_beyond_libvips,
    pillow_name="TIFF",
    plugins=["PIL.TiffImagePlugin"],
    is_turned_when_loaded=True,
    frames=pages,
)
"""TIFF, decoded by libtiff, with libvips or Pillow. Its header reader also finds camera raw that is stored as TIFF."""
