"""GIF headers: the logical screen, and the first frame where it is larger (GIF89a specification)."""

from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly

_EXTENSION = 0x21
_IMAGE = 0x2C
_MAX_SUB_BLOCKS = 8192


def read_header(source: Source) -> Header:
    """Read the size of a GIF's first frame on its screen.

    A frame may reach beyond the screen that the file declares; decoders then enlarge the screen, so the
    declared size alone would let an image pass the limit on pixels.
    """
    screen = read_exactly(source, 0, 13)
    offset = _skip_extensions(source, offset=13 + _color_table_bytes(screen[10]))
    if read_exactly(source, offset, 1)[0] != _IMAGE:
        raise unreadable("a GIF without a frame")
    frame = read_exactly(source, offset + 1, 8)
    left, top, width, height = (int.from_bytes(frame[at : at + 2], "little") for at in range(0, 8, 2))
    return Header(
        type=ImageType.GIF,
        stored_width=max(int.from_bytes(screen[6:8], "little"), left + width),
        stored_height=max(int.from_bytes(screen[8:10], "little"), top + height),
    )


def _skip_extensions(source: Source, *, offset: int) -> int:
    sub_blocks = 0
    while read_exactly(source, offset, 1)[0] == _EXTENSION:
        offset += 2
        while length := read_exactly(source, offset, 1)[0]:
            offset += 1 + length
            sub_blocks += 1
            if sub_blocks > _MAX_SUB_BLOCKS:
                raise unreadable("a GIF whose header is too long")
        offset += 1
    return offset


def _color_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
