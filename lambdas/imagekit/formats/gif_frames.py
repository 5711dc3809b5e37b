"""The frames of a GIF, found without decoding any (GIF89a specification)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from imagekit.rejection import unreadable

EXTENSION = 0x21
IMAGE = 0x2C
HEADER_BYTES = 13
GRAPHIC_CONTROL = 0xF9
_TRANSPARENT_FLAG = 1
# In a unit of delay.
_MILLISECONDS = 10
_DESCRIPTOR_BYTES = 10
# A file of 100 MB has less than half as many if its blocks are as long as writers make them.
_MAX_BLOCKS_OF_ALL_FRAMES = 1_000_000


class Disposal(Enum):
    """What happens to a frame before the next one is shown."""

    KEEP = "keep"
    CLEAR = "clear"
    """Its rectangle becomes transparent. The specification says the background colour; no browser shows it."""
    RESTORE = "restore"
    """Its rectangle becomes what it was before."""


# Some encoders write 4 for 3 (Chromium's GIF reader).
_DISPOSALS = {2: Disposal.CLEAR, 3: Disposal.RESTORE, 4: Disposal.RESTORE}


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where a frame is on the screen and in the file, and how it is shown.

    `left`, `top`, `right`, `bottom`: its edges on the screen, in pixels.
    `milliseconds`: as stored; 0 if the file does not say.
    `transparent`: the number of the colour that is not drawn. None: all are.
    `start`, `end`: of its descriptor and data in the file, in bytes.
    """

    left: int
    top: int
    right: int
    bottom: int
    milliseconds: int = 0
    disposal: Disposal = Disposal.KEEP
    transparent: int | None = None
    start: int
    end: int


def frames(data: bytes) -> Iterator[Frame]:
    """Find the frames of a GIF without decoding any, up to where it is truncated or broken.

    `data`: the whole file, of which `read_header` has read the header.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the frames are in more blocks than any writer makes.
    """
    offset = HEADER_BYTES + color_table_bytes(data[10])
    control = b""
    blocks = 0
    while offset < len(data) and data[offset] in (EXTENSION, IMAGE):
        start = offset
        if data[start] == EXTENSION:
            if data[start + 1 : start + 2] == bytes([GRAPHIC_CONTROL]):
                control = data[start + 3 : start + 7]
            offset += 2
        else:
            if start + _DESCRIPTOR_BYTES > len(data):
                return
            offset += _DESCRIPTOR_BYTES + 1 + color_table_bytes(data[start + 9])
        while offset < len(data) and data[offset]:
            offset += 1 + data[offset]
            blocks += 1
        # The last block is empty.
        offset += 1
        blocks += 1
        if blocks > _MAX_BLOCKS_OF_ALL_FRAMES:
            raise unreadable("a GIF of too many blocks")
        if data[start] == IMAGE:
            yield _frame(data, start=start, end=min(offset, len(data)), control=control)
            control = b""


def edges(descriptor: bytes) -> tuple[int, int, int, int]:
    """Return the left, top, right and bottom edge of a frame, in pixels.

    `descriptor`: the bytes after the one that begins a frame.
    """
    left, top, width, height = (int.from_bytes(descriptor[at : at + 2], "little") for at in range(0, 8, 2))
    return left, top, left + width, top + height


def color_table_bytes(flags: int) -> int:
    """Return the length of the colour table that the flags of a screen or of a frame announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _frame(data: bytes, *, start: int, end: int, control: bytes) -> Frame:
    left, top, right, bottom = edges(data[start + 1 : start + _DESCRIPTOR_BYTES])
    flags, delay, transparent = (control[0], control[1:3], control[3]) if len(control) == 4 else (0, b"", 0)
    return Frame(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        milliseconds=_MILLISECONDS * int.from_bytes(delay, "little"),
        disposal=_DISPOSALS.get(flags >> 2 & 7, Disposal.KEEP),
        transparent=transparent if flags & _TRANSPARENT_FLAG else None,
        start=start,
        end=end,
    )
