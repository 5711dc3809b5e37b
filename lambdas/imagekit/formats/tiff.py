"""TIFF headers: the first IFD, wherever in the file it is (TIFF 6.0, BigTIFF); and all pages."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from imagekit.formats import raw
from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.formats.sensor_data import PHOTOMETRIC
from imagekit.metadata.color_encoding import SRGB, ColorEncoding
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.exif_color import exif_color_encoding
from imagekit.metadata.exif_data import ExifData
from imagekit.metadata.ifd import HEIGHT, WIDTH, Ifd, ifd_offsets, is_big_tiff, read_ifd, read_tags
from imagekit.metadata.orientation import orientation_of
from imagekit.rejection import unreadable, unsupported
from imagekit.source import BytesSource, Source
from safelight_contracts.image_types import ImageType

if TYPE_CHECKING:
    import pyvips
    from PIL import Image

# Classic TIFF and BigTIFF.
_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

# ICC.1:2022, B.5.
_ICC_PROFILE = 34675
# RGB and YCbCr.
_COLORS = {2, 6}

# TIFF 6.0, sections 8 and 20 to 23; and the Lab of ICC and ITU.
_WHITE_IS_ZERO, _SIGNED = 0, {"char", "short", "int", "float", "double"}
_YCBCR, _CIE_LAB = 6, 8
_LAB: Mapping[float, str] = {_CIE_LAB: "Lab", 9: "ICC Lab", 10: "ITU Lab"}
_BITS_PER_SAMPLE, _LAB_BITS = 258, 8
_DEPTHS, _MAX_BANDS = {1, 2, 4, 8, 16, 32}, 8
_PACKED_BITS, _PACKED_SCALE = 12, 16
_COMPRESSION, _JPEG = 259, 7
# None, fax, LZW, JPEG, Deflate twice, and PackBits. libvips is built without the others.
_COMPRESSIONS = {None, 1, 2, 3, 4, 5, _JPEG, 8, 32946, 32773}
# Old JPEG, LZMA, ZSTD and WebP.
_COMPRESSIONS_OF_PILLOW = {6, 34925, 50000, 50001}
_PLANAR_CONFIGURATION, _IN_PLANES = 284, 2
# TIFF 6.0, section 15. A tile may be larger than a small image. No writer is known to make tiles of 1024 pixels a side.
_TILE_WIDTH, _TILE_HEIGHT, _MAX_TILE_PIXELS = 322, 323, 1024 * 1024
# Associated and unassociated. 0 is unspecified.
_EXTRA_SAMPLES, _ASSOCIATED, _ALPHA = 338, 1, {1, 2}


def read_header(source: Source) -> Header:
    """Read the first IFD: the first image of a TIFF, or camera raw that is stored as TIFF.

    Raises ImageRejected: `UNSUPPORTED_TYPE` if the first image is only a thumbnail of something unknown, or for camera
    raw in a BigTIFF, and for a compression, a depth, a layout or a kind of Lab that no decoder reads.
    """
    first = read_ifd(source)
    tags = first.whole_numbers()
    if raw.may_be_raw(tags):
        if is_big_tiff(source):
            raise unsupported("camera raw in BigTIFF")
        return raw.read_header(source)
    if WIDTH not in tags or HEIGHT not in tags:
        raise unreadable("a TIFF without a size")
    _check_supported(first)
    exif = ExifData(image=first)
    return Header(
        type=ImageType.TIFF,
        stored_width=tags[WIDTH],
        stored_height=tags[HEIGHT],
        orientation=orientation_of(tags),
        frames=1 if first.next == 0 else None,
        color_encoding=_color_encoding(exif, first=first),
        photo_metadata=read_photo_metadata(exif),
    )


def _check_supported(first: Ifd) -> None:
    compression, color = first.number(_COMPRESSION), first.number(PHOTOMETRIC)
    depths = first.numbers(_BITS_PER_SAMPLE, limit=_MAX_BANDS)
    if compression not in _COMPRESSIONS | _COMPRESSIONS_OF_PILLOW:
        raise unsupported(f"TIFF with compression {compression:g}")
    if deep := sorted(set(depths) - _DEPTHS - {_PACKED_BITS}):
        raise unsupported(f"{deep[0]:g}-bit TIFF")
    if _is_tiled_in_planes(first) and _ASSOCIATED in first.numbers(_EXTRA_SAMPLES, limit=_MAX_BANDS):
        raise unsupported("TIFF of tiles in planes with associated alpha")
    # Pillow reads no other Lab, and libvips none.
    if color is not None and color in _LAB and (color != _CIE_LAB or any(depth != _LAB_BITS for depth in depths)):
        bits = f"{depths[0]:g}-bit " if depths else ""
        raise unsupported(f"{bits}{_LAB[color]} TIFF")


def _color_encoding(exif: ExifData, *, first: Ifd) -> ColorEncoding:
    # EXIF data says nothing of grey, of inks or of Lab.
    if _ICC_PROFILE in first.entries or first.number(PHOTOMETRIC) not in _COLORS:
        return SRGB
    return exif_color_encoding(exif)


def pages(data: bytes) -> Iterator[int]:
    """Find the pages of a TIFF without decoding any: the offset of the IFD of each.

    `data`: the whole file, of which `read_header` has read the header.
    """
    return ifd_offsets(BytesSource(data))


def _check_tiles(data: bytes) -> None:
    # Tiles are always decoded whole, even if only a small part is within the image.
    tags = read_tags(BytesSource(data))
    if tags.get(_TILE_WIDTH, 0) * tags.get(_TILE_HEIGHT, 0) > max(tags[WIDTH] * tags[HEIGHT], _MAX_TILE_PIXELS):
        raise unreadable("tiles far larger than the image")


def _scaled_to_16_bits(image: "Image.Image", data: bytes) -> "Image.Image":
    # Pillow unpacks 12 bits into 16, without scaling them.
    if read_ifd(BytesSource(data)).number(_BITS_PER_SAMPLE) != _PACKED_BITS:
        return image
    scaled: Image.Image = image.convert("I").point(lambda value: value * _PACKED_SCALE)
    return scaled.convert("I;16")


def _is_beyond_libvips(data: bytes) -> bool:
    first = read_ifd(BytesSource(data))
    compression, color = first.number(_COMPRESSION), first.number(PHOTOMETRIC)
    # libvips takes luma and chroma for red, green and blue, unless libjpeg converts them. It cannot read Lab.
    has_known_colors = color not in _LAB and (color != _YCBCR or compression == _JPEG)
    has_known_depth = set(first.numbers(_BITS_PER_SAMPLE, limit=_MAX_BANDS)) <= _DEPTHS
    return not (has_known_colors and has_known_depth and compression in _COMPRESSIONS) or _is_tiled_in_planes(first)


def _is_tiled_in_planes(first: Ifd) -> bool:
    return first.number(_PLANAR_CONFIGURATION) == _IN_PLANES and _TILE_WIDTH in first.entries


def _as_shown(image: "pyvips.Image", data: bytes) -> "pyvips.Image":
    """Keep colours, and the first extra band if it is alpha. Many writers store masks that are not meant to be seen.

    Grey whose white is zero gets darker numbers for darker grey. libvips does this only for numbers without a sign.
    """
    first = read_ifd(BytesSource(data))
    colors = {"b-w": 1, "grey16": 1, "cmyk": 4}.get(image.interpretation, 3)
    extra = first.numbers(_EXTRA_SAMPLES, limit=1)
    bands = colors + 1 if extra and extra[0] in _ALPHA else colors
    kept = image if image.bands <= bands else image.extract_band(0, n=bands)
    is_negative = first.number(PHOTOMETRIC) == _WHITE_IS_ZERO and image.format in _SIGNED
    return kept * [-1, *[1] * (bands - 1)] if is_negative else kept


def _recognises(head: bytes) -> bool:
    return head.startswith(_STARTS) and not raw.is_cr2(head)


FORMAT = Format(
    extension="tiff",
    content_type="image/tiff",
    recognises=_recognises,
    read_header=read_header,
    # 9 were measured with Lab in one strip, 8 with other types. Colours of 32-bit integers, which are rare, take 20: if
    # they are large, the worker rejects them.
    decoding_bytes_a_pixel=13,
    libvips_loader="tiffload",
    is_beyond_libvips=_is_beyond_libvips,
    checks=[_check_tiles],
    as_shown=_as_shown,
    pillow_name="TIFF",
    plugins=["PIL.TiffImagePlugin"],
    is_turned_when_loaded=True,
    adjusted=_scaled_to_16_bits,
    frames=pages,
)
"""TIFF, decoded by libtiff, with libvips or Pillow. Its header reader also finds camera raw that is stored as TIFF."""
