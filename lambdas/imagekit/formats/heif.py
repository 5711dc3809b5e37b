"""AVIF and HEIC headers: the properties of the primary item, and the number of pictures (ISO/IEC 23008-12, HEIF)."""

import struct
from collections.abc import Iterable, Iterator

from imagekit.formats.boxes import boxes, find_top_level_box, top_level_box
from imagekit.formats.clean_aperture import exact_aperture, rounded_aperture
from imagekit.formats.header import Header
from imagekit.formats.heif_items import count_pictures, exif_item, sdr_picture
from imagekit.geometry import Size
from imagekit.metadata.code_points import encoding_of
from imagekit.metadata.color_encoding import SRGB, ColorEncoding
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.exif_data import read_exif
from imagekit.rejection import unreadable
from imagekit.source import BytesSource, Source, read_exactly
from safelight_contracts.image_types import ImageType

# EXIF's number for each anticlockwise rotation in steps of 90 degrees and the mirroring after it:
# none, top against bottom (axis 0), left against right (axis 1).
_ORIENTATIONS = {
    0: (1, 4, 2),
    1: (8, 5, 7),
    2: (3, 2, 4),
    3: (6, 7, 5),
}


_SEQUENCES = {b"avis", b"hevc", b"hevx", b"msf1"}
# The boxes that lead to a track's number of samples, and those that contain it (ISO/IEC 14496-12, 8.7.3).
_TO_SAMPLE_TABLE = (b"mdia", b"minf", b"stbl")
_PROFILES = {b"prof", b"rICC"}
_SAMPLE_SIZES = {b"stsz", b"stz2"}


def read_header(source: Source, *, image_type: ImageType, is_cut: bool) -> Header:
    """Read the properties of the primary item, or of its SDR base if it is an HDR version that has a gain map.

    EXIF data only gives the photo metadata, not size or orientation.

    `image_type`: AVIF or HEIC.
    `is_cut`: whether the decoder cuts the picture to its clean aperture. Otherwise the header says where it is.
    """
    # `meta` is a full box: four bytes of version and flags come before its children.
    children = dict(boxes(BytesSource(top_level_box(source, kind=b"meta")), start=4))
    _check_item_names(children)
    properties, associations = _children(children, b"iprp")
    coded, aperture, turn, mirror = None, b"", 0, 0
    primary = sdr_picture(children, primary=_primary_item(children))
    indexes = _associated(associations, item=primary)
    own = [properties[index - 1] for index in indexes if 1 <= index <= len(properties)]
    for kind, content in own:
        if kind == b"ispe" and len(content) >= 12:
            coded = Size(width=int.from_bytes(content[4:8], "big"), height=int.from_bytes(content[8:12], "big"))
        elif kind == b"clap":
            aperture = content
        elif kind == b"irot" and content:
            turn = content[0] & 3
        elif kind == b"imir" and content:
            mirror = 1 + (content[0] & 1)
    if coded is None:
        raise unreadable("an image without a size")
    if is_cut:
        size, place = rounded_aperture(aperture, coded=coded), None
    else:
        size, place = exact_aperture(aperture, coded=coded) or (coded, None)
    exif = exif_item(source, meta=children)
    return Header(
        type=image_type,
        stored_width=size.width,
        stored_height=size.height,
        aperture=place,
        orientation=_ORIENTATIONS[turn][mirror],
        frames=max(count_pictures(children, primary=primary), _frames_of_sequence(source)),
        color_encoding=_color_encoding(own),
        photo_metadata=None if exif is None else read_photo_metadata(read_exif(exif)),
    )


def _color_encoding(properties: Iterable[tuple[bytes, bytes]]) -> ColorEncoding:
    colors = [content for kind, content in properties if kind == b"colr"]
    # A picture may have both kinds. libavif and browsers then use the profile.
    if any(content[:4] in _PROFILES for content in colors):
        return SRGB
    named = next((content for content in colors if content[:4] == b"nclx" and len(content) >= 8), None)
    if named is None:
        return SRGB
    primaries, transfer = struct.unpack_from(">HH", named, 4)
    return encoding_of(primaries=primaries, transfer=transfer)


def _frames_of_sequence(source: Source) -> int:
    brands = top_level_box(source, kind=b"ftyp")
    if _SEQUENCES.isdisjoint(brands[at : at + 4] for at in range(0, len(brands), 4)):
        return 0
    movie = find_top_level_box(source, kind=b"moov") or b""
    tracks = [track for kind, track in boxes(BytesSource(movie), start=0) if kind == b"trak"]
    return max((samples for track in tracks for samples in _samples(track)), default=0)


def _samples(track: bytes) -> Iterator[int]:
    found = track
    for kind in _TO_SAMPLE_TABLE:
        found = dict(boxes(BytesSource(found), start=0)).get(kind, b"")
    for kind, content in boxes(BytesSource(found), start=0):
        if kind in _SAMPLE_SIZES:
            # After version, flags and the size of all samples.
            yield int.from_bytes(content[8:12], "big")


def _check_item_names(meta: dict[bytes, bytes]) -> None:
    # pi-heif 1.4 decodes types and names of items as UTF-8, and ends the whole process if one is not.
    items = meta.get(b"iinf", b"")
    count_bytes = 2 if items[:1] == b"\0" else 4
    for _, item in boxes(BytesSource(items), start=4 + count_bytes):
        try:
            # After version, flags and the item's number, which have at most four bytes each.
            item[8:].decode()
        except UnicodeDecodeError as error:
            raise unreadable("an item without a readable name") from error


def _children(meta: dict[bytes, bytes], kind: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    parts = dict(boxes(BytesSource(meta.get(kind, b"")), start=0))
    return list(boxes(BytesSource(parts.get(b"ipco", b"")), start=0)), parts.get(b"ipma", b"")


def _primary_item(meta: dict[bytes, bytes]) -> int:
    primary = meta.get(b"pitm", b"")
    if len(primary) < 6:
        raise unreadable("an image without a primary item")
    return int.from_bytes(primary[4:6] if primary[0] == 0 else primary[4:8], "big")


def _associated(associations: bytes, *, item: int) -> list[int]:
    """List the property numbers, from 1, of one item: the `ipma` box."""
    source = BytesSource(associations)
    head = read_exactly(source, 0, 8)
    item_bytes = 2 if head[0] == 0 else 4
    index_bytes = 2 if head[3] & 1 else 1
    # The top bit of a property's number says whether a reader must know the property.
    index_mask = (1 << 8 * index_bytes - 1) - 1
    offset = 8
    for _ in range(int.from_bytes(head[4:8], "big")):
        entry = read_exactly(source, offset, item_bytes + 1)
        offset += len(entry)
        indexes = read_exactly(source, offset, entry[-1] * index_bytes)
        offset += len(indexes)
        if int.from_bytes(entry[:-1], "big") == item:
            return [
                int.from_bytes(indexes[at : at + index_bytes], "big") & index_mask
                for at in range(0, len(indexes), index_bytes)
            ]
    raise unreadable("an image whose primary item has no properties")
