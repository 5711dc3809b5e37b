"""Change boxes of an MP4 in place (ISO/IEC 14496-12), as editors and attackers do."""

import struct
from collections.abc import Callable
from pathlib import Path


def trim(path: Path, *, start: float, seconds: float) -> Path:
    """Let each track's edit list show `seconds` from `start` on, and leave all frames and sound in the file."""
    data = bytearray(path.read_bytes())
    movie_scale = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    at = 0
    while (track := data.find(b"trak", at)) >= 0:
        edits, media = data.index(b"elst", track), data.index(b"mdhd", track)
        scale = struct.unpack_from(">I", data, media + 16)[0]
        count = struct.unpack_from(">I", data, edits + 8)[0]
        entry = edits + 12 + 12 * (count - 1)
        media_time = struct.unpack_from(">i", data, entry + 4)[0]
        struct.pack_into(">Ii", data, entry, round(seconds * movie_scale), media_time + round(start * scale))
        at = media
    path.write_bytes(data)
    return path


def patch(path: Path, name: bytes, change: Callable[[bytearray, int], None]) -> Path:
    """Change the first box of a name. `change` gets the file and where the box's contents begin."""
    data = bytearray(path.read_bytes())
    change(data, data.index(name) + 4)
    path.write_bytes(data)
    return path
