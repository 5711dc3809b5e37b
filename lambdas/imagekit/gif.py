"""GIF headers: the logical screen, and the first frame where it is larger (GIF89a specification)."""

from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly

_EXTENSION = 0x21
_IMAGE = 0x2C
_GRAPHIC_CONTROL = 0xF9
_BIT_DEPTH = 8
_MAX_EXTENSIONS = 1024
_MAX_BLOCKS = 8192


def read_header(source: Source) -> Header:
    """Read the size of a GIF's first frame on its screen, and whether that frame may be transparent.

    A frame may reach beyond the screen that the file declares; decoders then enlarge the screen, so the
    declared size alone would let an image pass the limit on pixels.
    """
    screen = read_exactly(source, 0, 13)
    offset, has_alpha = _skip_extensions(source, offset=13 + _color_table_bytes(screen[10]))
    if read_exactly(source, offset, 1)[0] != _IMAGE:
        raise unreadable("a GIF without a frame")
    frame = read_exactly(source, offset + 1, 8)
    left, top, width, height = (int.from_bytes(frame[at : at + 2], "little") for at in range(0, 8, 2))
    return Header(
        type=ImageType.GIF,
        stored_width=max(int.from_bytes(screen[6:8], "little"), left + width),
        stored_height=max(int.from_bytes(screen[8:10], "little"), top + height),
        frames=None,
        has_alpha=has_alpha,
        bit_depth=_BIT_DEPTH,
    )


def _skip_extensions(source: Source, *, offset: int) -> tuple[int, bool]:
    extensions = blocks = 0
    has_alpha = False
    while (block := source.read_at(offset, 4))[:1] == bytes([_EXTENSION]):
        if block[1:2] == bytes([_GRAPHIC_CONTROL]):
            has_alpha = bool(block[3:] and block[3] & 1)
        offset += 2
        while length := read_exactly(source, offset, 1)[0]:
            offset += 1 + length
            blocks += 1
            if blocks > _MAX_BLOCKS:
                raise unreadable("a GIF whose header is too long")
        offset += 1
        extensions += 1
        if extensions > _MAX_EXTENSIONS:
            raise unreadable("a GIF whose header is too long")
    return offset, has_alpha


def _color_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
