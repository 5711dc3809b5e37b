"""Headers of camera raw files: size, orientation and photo metadata.

DNG, NEF, ARW, PEF, CR2, ORF and RW2 are TIFF files or nearly so (DNG specification 1.7, TIFF/EP); RAF and CR3 have
a TIFF structure within. What the makers do not document is as ExifTool's tag tables and LibRaw have it.
"""

import struct
from collections.abc import Mapping

from imagekit.formats import jpeg
from imagekit.formats.boxes import boxes, brands_of, top_level_box
from imagekit.formats.format import RECOGNITION_BYTES, Format
from imagekit.formats.header import Header
from imagekit.formats.sensor_data import (
    COMPRESSION,
    DNG_VERSION,
    NEW_SUBFILE_TYPE,
    PHOTOMETRIC,
    RAF_START,
    REDUCED,
    SENSOR_DATA,
    SUB_IFDS,
)
from imagekit.metadata.exif import PhotoMetadata, read_photo_metadata, read_separate_photo_metadata
from imagekit.metadata.exif_data import EXIF_IFD, ExifData
from imagekit.metadata.ifd import HEIGHT, WIDTH, read_ifd, read_tags
from imagekit.metadata.orientation import orientation_of
from imagekit.rejection import unreadable, unsupported
from imagekit.source import BytesSource, PartSource, Source, read_exactly
from safelight_contracts.image_types import ImageType

FULL_BYTES_A_PIXEL = 14
"""What developing takes at full size: LibRaw's interpolation and the picture."""

_EXIF_WIDTH = 40962
_EXIF_HEIGHT = 40963
_MAX_SUB_IFDS = 8

# Compressions that LibRaw is built without: GoPro's VC-5, and JPEG XL (DNG 1.7).
_UNSUPPORTED = {9: "GPR", 52546: "DNG with JPEG XL"}

# In RW2: the borders of the picture on the sensor.
_TOP, _LEFT, _BOTTOM, _RIGHT = 4, 5, 6, 7

# In RAF, the first one that exists: the size after cropping, of the picture, of the sensor.
_RAF_SIZES = (0x111, 0x121, 0x100)
_MAX_RAF_RECORDS = 256

_CR3_METADATA = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
# The first IFD, the EXIF IFD and the GPS IFD, each in a TIFF structure. CMT3 is the maker's.
_CR3_IFDS = (b"CMT1", b"CMT2", b"CMT4")


# Fujifilm's RAF, Panasonic's RW2, Olympus' ORF. Other cameras' files begin as TIFF files do.
_STARTS = (b"FUJIFILMCCD-RAW ", b"IIU\x00", b"IIRO", b"IIRS", b"MMOR")
_CR3_BRAND = b"crx "


def is_cr2(head: bytes) -> bool:
    """Return whether a file is Canon's CR2: a TIFF file with a mark after the first eight bytes."""
    return head.startswith(b"II*\x00") and head[8:10] == b"CR"


def may_be_raw(tags: Mapping[int, int]) -> bool:
    """Tell from the tags of a TIFF's first IFD whether the file may be camera raw."""
    first_is_thumbnail = tags.get(NEW_SUBFILE_TYPE, 0) & REDUCED
    return DNG_VERSION in tags or tags.get(PHOTOMETRIC) in SENSOR_DATA or bool(first_is_thumbnail)


def read_header(source: Source) -> Header:
    """Read the size, the orientation and the photo metadata of a camera raw file.

    Raises
    ------
    ImageRejected
        `UNSUPPORTED_TYPE` if the size of the raw data cannot be found.
    """
    start = read_exactly(source, 0, len(RAF_START))
    if start == RAF_START:
        return _read_raf(source)
    if start[4:8] == b"ftyp":
        return _read_cr3(source)
    return _read_tiff(source)


def _read_tiff(source: Source) -> Header:
    first_ifd = read_ifd(source)
    first = first_ifd.whole_numbers()
    offsets = first_ifd.numbers(SUB_IFDS, limit=_MAX_SUB_IFDS)
    ifds = [first, *(read_tags(source, offset=int(offset)) for offset in offsets)]
    sensor = [tags for tags in ifds if tags.get(PHOTOMETRIC) in SENSOR_DATA]
    for tags in sensor:
        if tags.get(COMPRESSION) in _UNSUPPORTED:
            raise unsupported(_UNSUPPORTED[tags[COMPRESSION]])
    sizes = [_size(tags, WIDTH, HEIGHT) for tags in sensor]
    if _RIGHT in first and _BOTTOM in first:
        sizes.append((first[_RIGHT] - first.get(_LEFT, 0), first[_BOTTOM] - first.get(_TOP, 0)))
    # A file that begins like any TIFF is only camera raw if it contains sensor data.
    if not sizes and EXIF_IFD in first and _recognises(source.read_at(0, RECOGNITION_BYTES)):
        exif = read_tags(source, offset=first[EXIF_IFD])
        sizes.append(_size(exif, _EXIF_WIDTH, _EXIF_HEIGHT))
    return _header(
        max(sizes, default=(0, 0)),
        orientation=orientation_of(first),
        photo_metadata=read_photo_metadata(ExifData(image=first_ifd)),
    )


def _read_raf(source: Source) -> Header:
    preview, records = struct.unpack(">I4xI", read_exactly(source, 84, 12))
    sizes = {}
    (count,) = struct.unpack(">I", read_exactly(source, records, 4))
    offset = records + 4
    for _ in range(min(count, _MAX_RAF_RECORDS)):
        tag, length = struct.unpack(">HH", read_exactly(source, offset, 4))
        if tag in _RAF_SIZES and length == 4:
            height, width = struct.unpack(">HH", read_exactly(source, offset + 4, 4))
            sizes[tag] = width, height
        offset += 4 + length
    size = next((sizes[tag] for tag in _RAF_SIZES if tag in sizes), (0, 0))
    shown = jpeg.read_header(PartSource(source, start=preview))
    return _header(size, orientation=shown.orientation, photo_metadata=shown.photo_metadata)


def _read_cr3(source: Source) -> Header:
    for kind, content in boxes(BytesSource(top_level_box(source, kind=b"moov")), start=0):
        if kind == b"uuid" and content.startswith(_CR3_METADATA):
            parts = dict(boxes(BytesSource(content), start=len(_CR3_METADATA)))
            image, exif, position = (BytesSource(parts.get(kind, b"")) for kind in _CR3_IFDS)
            tags = read_tags(image)
            return _header(
                _size(tags, WIDTH, HEIGHT),
                orientation=orientation_of(tags),
                photo_metadata=read_separate_photo_metadata(image=image, exif=exif, position=position),
            )
    raise unreadable("a CR3 without metadata")


def _size(tags: Mapping[int, int], width: int, height: int) -> tuple[int, int]:
    return tags.get(width, 0), tags.get(height, 0)


def _header(size: tuple[int, int], *, orientation: int, photo_metadata: PhotoMetadata | None) -> Header:
    width, height = size
    if width < 1 or height < 1:
        raise unsupported(str(ImageType.RAW))
    return Header(
        type=ImageType.RAW,
        stored_width=width,
        stored_height=height,
        orientation=orientation,
        photo_metadata=photo_metadata,
    )


def _recognises(head: bytes) -> bool:
    return head.startswith(_STARTS) or is_cr2(head) or _CR3_BRAND in brands_of(head)


FORMAT = Format(
    extension="raw",
    content_type="application/octet-stream",
    recognises=_recognises,
    read_header=read_header,
    # At half size, which is used if there is no memory for full size. Without compression, 5 were measured.
    decoding_bytes_a_pixel=6,
    full_decoding_bytes_a_pixel=FULL_BYTES_A_PIXEL,
    pillow_name=None,
    libraries=["rawpy"],
)
"""Camera raw, developed by LibRaw."""
