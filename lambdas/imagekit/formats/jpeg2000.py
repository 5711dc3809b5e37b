"""JPEG 2000: JP2's boxes, the codestream's first marker, and its tiles (ITU-T T.800, annexes A and I)."""

import struct
from collections.abc import Iterator

from imagekit.formats.boxes import boxes, read_content, top_level_boxes
from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.rejection import unreadable, unsupported
from imagekit.source import BytesSource, Source, read_exactly
from safelight_contracts.image_types import ImageType

_CODESTREAM = b"\xff\x4f\xff\x51"
# After the two markers and the segment's length: capabilities; width, height and offsets of the reference grid and of
# its tiles; the number of components.
_SIZE = struct.Struct(">4x2xH4I4IH")
_COMPONENT_BYTES = 3
_MAX_COMPONENTS = 4
_MAX_TILES = 65_535
# A tile-part: its marker and length; the tile's number, the part's length, its number, and how many parts there are.
_TILE_PART = struct.Struct(">4sHIBB")
_START_OF_TILE_PART = b"\xff\x90\x00\x0a"


def read_header(source: Source) -> Header:
    """Read a JPEG 2000 image's size.

    Decoders allocate memory for the codestream's size, so a file whose boxes name another size is rejected.

    Raises ImageRejected: `UNSUPPORTED_TYPE` if there are more than four components.
    """
    if source.read_at(0, len(_CODESTREAM)) == _CODESTREAM:
        return _read_codestream(source, offset=0, header_boxes={})
    header_boxes: dict[bytes, bytes] = {}
    for kind, start, end in top_level_boxes(source):
        if kind == b"jp2h":
            header_boxes = _first_of_each(read_content(source, start=start, end=end))
        elif kind == b"jp2c":
            return _read_codestream(source, offset=start, header_boxes=header_boxes)
    raise unreadable("a JPEG 2000 without an image")


def validate_tiles(data: bytes) -> None:
    """Reject a JPEG 2000 with a missing or truncated tile, which OpenJPEG leaves black.

    The data within a tile is not checked.

    `data`: the whole file, of which `read_header` has read the header.

    Raises ImageRejected: `UNREADABLE_IMAGE`.
    """
    source = BytesSource(data)
    start, end = _place_of_codestream(source)
    tiles = _number_of_tiles(_SIZE.unpack(read_exactly(source, start, _SIZE.size)))
    # For each tile, the numbers of the parts that are there, and the number of parts that it claims to have.
    parts: dict[int, set[int]] = {}
    expected: dict[int, int] = {}
    for tile, part, of_parts in _tile_parts(source, offset=_end_of_main_header(source, start=start), end=end):
        parts.setdefault(tile, set()).add(part)
        expected[tile] = max(expected.get(tile, 1), of_parts)
    if any(len(parts.get(tile, ())) < expected.get(tile, 1) for tile in range(tiles)):
        raise unreadable("a JPEG 2000 without all of its tiles")


def _place_of_codestream(source: Source) -> tuple[int, int]:
    if source.read_at(0, len(_CODESTREAM)) == _CODESTREAM:
        return 0, source.size
    places = ((start, min(end, source.size)) for kind, start, end in top_level_boxes(source) if kind == b"jp2c")
    return next(places)


def _number_of_tiles(size: tuple[int, ...]) -> int:
    _, right, bottom, _, _, tile_width, tile_height, tile_left, tile_top, _ = size
    return -((tile_left - right) // tile_width) * -((tile_top - bottom) // tile_height)


def _end_of_main_header(source: Source, *, start: int) -> int:
    offset = start + 2
    while (head := read_exactly(source, offset, 4)) != _START_OF_TILE_PART:
        length = int.from_bytes(head[2:], "big")
        if head[0] != 0xFF or length < 2:
            raise unreadable("a JPEG 2000 whose header is broken")
        offset += 2 + length
    return offset


def _tile_parts(source: Source, *, offset: int, end: int) -> Iterator[tuple[int, int, int]]:
    while len(head := source.read_at(offset, _TILE_PART.size)) == _TILE_PART.size:
        marker, tile, length, part, of_parts = _TILE_PART.unpack(head)
        if marker != _START_OF_TILE_PART:
            return
        # The last one may leave out its length.
        if length and (length < _TILE_PART.size or offset + length > end):
            raise unreadable("a JPEG 2000 without all of a tile")
        yield tile, part, of_parts
        if not length:
            return
        offset += length


def _read_codestream(source: Source, *, offset: int, header_boxes: dict[bytes, bytes]) -> Header:
    segment = read_exactly(source, offset, _SIZE.size)
    if not segment.startswith(_CODESTREAM):
        raise unreadable("a JPEG 2000 without a size")
    _, right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, components = _SIZE.unpack(segment)
    if components > _MAX_COMPONENTS:
        raise unsupported(str(ImageType.JPEG2000))
    width, height = right - left, bottom - top
    if components < 1 or width < 1 or height < 1:
        raise unreadable("an image without pixels")
    if tile_width < 1 or tile_height < 1 or tile_left > left or tile_top > top:
        raise unreadable("tiles that do not cover the image")
    if _number_of_tiles(_SIZE.unpack(segment)) > _MAX_TILES:
        raise unreadable("too many tiles")
    if b"ihdr" in header_boxes and header_boxes[b"ihdr"][:8] != struct.pack(">II", height, width):
        raise unreadable("header and image data disagree on the size")
    # Reject a truncated header, although none of this is needed.
    read_exactly(source, offset + _SIZE.size, components * _COMPONENT_BYTES)
    return Header(
        type=ImageType.JPEG2000,
        stored_width=width,
        stored_height=height,
    )


def _first_of_each(content: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for kind, inner in boxes(BytesSource(content), start=0):
        found.setdefault(kind, inner)
    return found


FORMAT = Format(
    extension="jp2",
    content_type="image/jp2",
    # JP2's signature box, or the two markers that begin a bare codestream.
    recognises=lambda head: head.startswith((b"\x00\x00\x00\x0cjP  \r\n\x87\n", _CODESTREAM)),
    read_header=read_header,
    # A quarter more than the 29 that were measured with more than 8 bits and alpha.
    decoding_bytes_a_pixel=36,
    pillow_name="JPEG2000",
    plugins=["PIL.Jpeg2KImagePlugin"],
    checks=[validate_tiles],
)
"""JPEG 2000, decoded by OpenJPEG."""
