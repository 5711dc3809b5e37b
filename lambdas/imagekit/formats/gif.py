"""GIF headers: the logical screen, or the first frame if that is larger (GIF89a specification)."""

from collections.abc import Iterator

from imagekit.formats.format import Format
from imagekit.formats.gif_frames import EXTENSION, HEADER_BYTES, IMAGE, color_table_bytes, edges, frames
from imagekit.formats.gif_pictures import pictures
from imagekit.formats.header import Header
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly
from safelight_contracts.image_types import ImageType

_MAX_EXTENSIONS = 1024
_MAX_BLOCKS = 8192


def read_header(source: Source) -> Header:
    """Read the size of a GIF's first frame on its screen.

    A frame may be larger than the declared screen. Decoders then enlarge the screen, so checking only the declared
    size would bypass the limit on pixels.
    """
    screen = read_exactly(source, 0, HEADER_BYTES)
    offset = _skip_extensions(source, offset=HEADER_BYTES + color_table_bytes(screen[10]))
    if read_exactly(source, offset, 1)[0] != IMAGE:
        raise unreadable("a GIF without a frame")
    _, _, right, bottom = edges(read_exactly(source, offset + 1, 8))
    return Header(
        type=ImageType.GIF,
        stored_width=max(int.from_bytes(screen[6:8], "little"), right),
        stored_height=max(int.from_bytes(screen[8:10], "little"), bottom),
        frames=None,
    )


def _skip_extensions(source: Source, *, offset: int) -> int:
    extensions = blocks = 0
    while source.read_at(offset, 1) == bytes([EXTENSION]):
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


def _display_times(data: bytes) -> Iterator[int]:
    return (frame.milliseconds for frame in frames(data))


FORMAT = Format(
    extension="gif",
    content_type="image/gif",
    recognises=lambda head: head.startswith((b"GIF87a", b"GIF89a")),
    read_header=read_header,
    # Measured with a first frame that the next one replaces by what was before it.
    decoding_bytes_a_pixel=13,
    # The same in an animation.
    full_decoding_bytes_a_pixel=24,
    pillow_name="GIF",
    plugins=["PIL.GifImagePlugin"],
    frame_pictures=pictures,
    frames=frames,
    display_times=_display_times,
)
"""GIF, decoded by Pillow."""
