"""GIF headers: the logical screen, or the first frame if that is larger (GIF89a specification); and all frames."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly
from safelight_contracts.image_types import ImageType

_EXTENSION = 0x21
_IMAGE = 0x2C
_GRAPHIC_CONTROL = 0xF9
# In a unit of delay.
_MILLISECONDS = 10
_MAX_EXTENSIONS = 1024
_MAX_BLOCKS = 8192
_HEADER_BYTES = 13
# A file of 100 MB has less than half as many if its blocks are as long as writers make them.
_MAX_BLOCKS_OF_ALL_FRAMES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where a frame is on the screen, and how long it is shown.

    `right`, `bottom`: where it ends, in pixels.
    `milliseconds`: as stored; 0 if the file does not say.
    """

    right: int
    bottom: int
    milliseconds: int = 0


def read_header(source: Source) -> Header:
    """Read the size of a GIF's first frame on its screen.

    A frame may be larger than the declared screen. Decoders then enlarge the screen, so checking only the declared
    size would bypass the limit on pixels.
    """
    screen = read_exactly(source, 0, _HEADER_BYTES)
    offset = _skip_extensions(source, offset=_HEADER_BYTES + _color_table_bytes(screen[10]))
    if read_exactly(source, offset, 1)[0] != _IMAGE:
        raise unreadable("a GIF without a frame")
    frame = _frame(read_exactly(source, offset + 1, 8))
    return Header(
        type=ImageType.GIF,
        stored_width=max(int.from_bytes(screen[6:8], "little"), frame.right),
        stored_height=max(int.from_bytes(screen[8:10], "little"), frame.bottom),
        frames=None,
    )


def frames(data: bytes) -> Iterator[Frame]:
    """Find the frames of a GIF without decoding any, up to where it is truncated or broken.

    `data`: the whole file, of which `read_header` has read the header.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the frames are in more blocks than any writer makes.
    """
    offset = _HEADER_BYTES + _color_table_bytes(data[10])
    blocks = milliseconds = 0
    while offset < len(data) and data[offset] in (_EXTENSION, _IMAGE):
        if data[offset] == _EXTENSION:
            if data[offset + 1 : offset + 2] == bytes([_GRAPHIC_CONTROL]):
                milliseconds = _MILLISECONDS * int.from_bytes(data[offset + 4 : offset + 6], "little")
            offset += 2
        else:
            descriptor = data[offset + 1 : offset + 10]
            if len(descriptor) < 9:
                return
            yield replace(_frame(descriptor), milliseconds=milliseconds)
            milliseconds = 0
            offset += 11 + _color_table_bytes(descriptor[8])
        while offset < len(data) and data[offset]:
            offset += 1 + data[offset]
            blocks += 1
        # The last block is empty.
        offset += 1
        blocks += 1
        if blocks > _MAX_BLOCKS_OF_ALL_FRAMES:
            raise unreadable("a GIF of too many blocks")


def _frame(descriptor: bytes) -> Frame:
    left, top, width, height = (int.from_bytes(descriptor[at : at + 2], "little") for at in range(0, 8, 2))
    return Frame(right=left + width, bottom=top + height)


def _skip_extensions(source: Source, *, offset: int) -> int:
    extensions = blocks = 0
    while source.read_at(offset, 1) == bytes([_EXTENSION]):
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
    return offset


def _color_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _display_times(data: bytes) -> Iterator[int]:
    return (frame.milliseconds for frame in frames(data))


def _check_frames(data: bytes, header: Header) -> None:
    for frame in frames(data):
        if frame.right > header.stored_width or frame.bottom > header.stored_height:
            raise unreadable("a GIF with a frame larger than the first")


FORMAT = Format(
    extension="gif",
    content_type="image/gif",
    recognises=lambda head: head.startswith((b"GIF87a", b"GIF89a")),
    read_header=read_header,
    decoding_bytes_a_pixel=10,
    pillow_name="GIF",
    plugins=["PIL.GifImagePlugin"],
    frames=frames,
    display_times=_display_times,
    check_animation=_check_frames,
)
"""GIF, decoded by Pillow."""
