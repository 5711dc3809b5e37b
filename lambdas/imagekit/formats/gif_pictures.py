"""The pictures of a GIF as browsers show them: each frame on a transparent screen, over what remains of earlier ones.

Pillow would fill the screen around a small first frame, and what a frame leaves, with a colour of the palette.
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from imagekit.formats.gif_frames import (
    EXTENSION,
    GRAPHIC_CONTROL,
    HEADER_BYTES,
    IMAGE,
    Disposal,
    Frame,
    color_table_bytes,
    frames,
)
from imagekit.geometry import Size
from imagekit.rejection import unreadable

if TYPE_CHECKING:
    from PIL import Image

_OPAQUE = 255


def pictures(data: bytes, size: Size) -> Iterator["Image.Image"]:
    """Decode the frames one by one, on demand.

    `data`: the whole file, of which `read_header` has read the header.
    `size`: of the screen, which no frame may exceed.

    Yields pictures that are valid until you request the next one. Raises ImageRejected: `UNREADABLE_IMAGE` for a frame
    without pixels or outside of the screen. Pillow raises its own errors for what it cannot decode.
    """
    from PIL import Image

    screen = Image.new("RGBA", (size.width, size.height))
    for frame in frames(data):
        if frame.right > size.width or frame.bottom > size.height:
            raise unreadable("a GIF with a frame larger than the first")
        if frame.right == frame.left or frame.bottom == frame.top:
            raise unreadable("a GIF with a frame without pixels")
        box = (frame.left, frame.top, frame.right, frame.bottom)
        before = screen.crop(box) if frame.disposal is Disposal.RESTORE else None
        _draw(screen, data=data, frame=frame)
        is_transparent = any(screen.getchannel("A").histogram()[:_OPAQUE])
        yield screen if is_transparent else screen.convert("RGB")
        if frame.disposal is Disposal.CLEAR:
            screen.paste((0, 0, 0, 0), box)
        elif before is not None:
            screen.paste(before, box)


def _draw(screen: "Image.Image", *, data: bytes, frame: Frame) -> None:
    """Decode a frame as the only one of a file whose screen it fills, and draw it."""
    from PIL import Image

    width, height = frame.right - frame.left, frame.bottom - frame.top
    control = (
        b"" if frame.transparent is None else bytes([EXTENSION, GRAPHIC_CONTROL, 4, 1, 0, 0, frame.transparent, 0])
    )
    # Pillow would take the global table for a first frame whose own table is a grey ramp.
    has_own_colors = color_table_bytes(data[frame.start + 9]) > 0
    colors = bytes(3) if has_own_colors else data[10 : HEADER_BYTES + color_table_bytes(data[10])]
    descriptor = struct.pack("<BHHHH", IMAGE, 0, 0, width, height)
    alone = data[:6] + struct.pack("<HH", width, height) + colors + control + descriptor
    alone += data[frame.start + len(descriptor) : frame.end]
    picture = Image.open(BytesIO(alone), formats=["GIF"]).convert("RGBA")
    screen.paste(picture, (frame.left, frame.top), picture)
