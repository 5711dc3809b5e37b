"""JPEG 2000 headers: JP2's boxes and the codestream's first marker (ITU-T T.800, annexes A and I)."""

import struct
from collections.abc import Iterator

from imagekit.boxes import boxes
from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import ImageFault, ImageRejected, unreadable
from imagekit.source import BytesSource, Source, read_exactly

_CODESTREAM = b"\xff\x4f\xff\x51"
# Behind the two markers and the segment's length: capabilities; width, height and offsets of the reference grid, and of
# its tiles; how many components there are.
_SIZE = struct.Struct(">4x2xH4I4IH")
_COMPONENT = struct.Struct(">3B")
_MAX_COMPONENTS = 4
# Grey and colour, each with one component more.
_WITH_ALPHA = {2, 4}
_CMYK = 12
_ENUMERATED, _PROFILE = 1, {2, 3}
_MAX_TILES = 65_535
_MAX_BOXES = 64
_MAX_HEADER_BYTES = 1024 * 1024


def read_header(source: Source) -> Header:
    """Read a JPEG 2000 image's size and colours.

    The codestream's size is what a decoder takes memory for, so a file whose boxes name another one is rejected.

    Raises
    ------
    ImageRejected
        `UNSUPPORTED_TYPE` for more components than the four of an image.
    """
    if source.read_at(0, len(_CODESTREAM)) == _CODESTREAM:
        return _read_codestream(source, offset=0, colors={})
    colors: dict[bytes, bytes] = {}
    for kind, start, end in _top_level_boxes(source):
        if kind == b"jp2h":
            if end - start > _MAX_HEADER_BYTES:
                raise unreadable("an image whose header is too long")
            colors = _first_of_each(read_exactly(source, start, end - start))
        elif kind == b"jp2c":
            return _read_codestream(source, offset=start, colors=colors)
    raise unreadable("a JPEG 2000 without an image")


def _read_codestream(source: Source, *, offset: int, colors: dict[bytes, bytes]) -> Header:
    segment = read_exactly(source, offset, _SIZE.size)
    if not segment.startswith(_CODESTREAM):
        raise unreadable("a JPEG 2000 without a size")
    _, right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, components = _SIZE.unpack(segment)
    if components > _MAX_COMPONENTS:
        raise ImageRejected(ImageFault.UNSUPPORTED_TYPE, detail={"type": str(ImageType.JPEG2000)})
    width, height = right - left, bottom - top
    if components < 1 or width < 1 or height < 1:
        raise unreadable("an image without pixels")
    if tile_width < 1 or tile_height < 1 or tile_left > left or tile_top > top:
        raise unreadable("tiles that do not cover the image")
    across, down = -((tile_left - right) // tile_width), -((tile_top - bottom) // tile_height)
    if across * down > _MAX_TILES:
        raise unreadable("more tiles than there can be")
    if b"ihdr" in colors and colors[b"ihdr"][:8] != struct.pack(">II", height, width):
        raise unreadable("header and image data disagree on the size")
    sizes = read_exactly(source, offset + _SIZE.size, components * _COMPONENT.size)
    method, space = _color_space(colors.get(b"colr", b""))
    return Header(
        type=ImageType.JPEG2000,
        stored_width=width,
        stored_height=height,
        has_alpha=components in _WITH_ALPHA and space != _CMYK,
        # The top bit says whether samples are signed, the others hold one bit less than there are.
        bit_depth=max((depth & 0x7F) + 1 for depth, _, _ in _COMPONENT.iter_unpack(sizes)),
        has_color_profile=method in _PROFILE,
    )


def _color_space(content: bytes) -> tuple[int, int]:
    # Method, precedence, approximation; then the number of a colour space, or a profile.
    method = content[0] if content else 0
    return method, int.from_bytes(content[3:7], "big") if method == _ENUMERATED else 0


def _first_of_each(content: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for kind, inner in boxes(BytesSource(content), start=0):
        found.setdefault(kind, inner)
    return found


def _top_level_boxes(source: Source) -> Iterator[tuple[bytes, int, int]]:
    offset = 0
    for _ in range(_MAX_BOXES):
        head = read_exactly(source, offset, 8)
        length, start = int.from_bytes(head[:4], "big"), offset + 8
        if length == 1:
            length, start = int.from_bytes(read_exactly(source, start, 8), "big"), start + 8
        end = source.size if length == 0 else offset + length
        if end < start:
            raise unreadable("a box shorter than its own header")
        yield head[4:], start, end
        offset = end
