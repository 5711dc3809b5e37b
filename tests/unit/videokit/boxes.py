"""Change boxes of an MP4 in place (ISO/IEC 14496-12), as editors and attackers do."""

import struct
import zlib
from collections.abc import Callable, Sequence
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


def crop(path: Path, *, width: int, height: int) -> Path:
    """Add a clean aperture: what players show, in the middle of the frame. The movie box must be the last one."""
    data = bytearray(path.read_bytes())
    box = struct.pack(">I4s8I", 40, b"clap", width, 1, height, 1, 0, 1, 0, 1)
    entry = data.index(b"avc1", data.index(b"stsd"))
    parents = [data.index(name, data.index(b"moov")) for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")]
    for name in (*parents, entry):
        struct.pack_into(">I", data, name - 4, struct.unpack_from(">I", data, name - 4)[0] + len(box))
    end = entry - 4 + struct.unpack_from(">I", data, entry - 4)[0] - len(box)
    data[end:end] = box
    path.write_bytes(data)
    return path


def show_pieces(path: Path, pieces: Sequence[tuple[float, float]]) -> Path:
    """Let each track's edit list show pieces, each from a start for some seconds, in their order.

    A start of -1 is an empty edit. The movie box must be the last one.
    """
    data = bytearray(path.read_bytes())
    movie = data.index(b"moov")
    movie_scale = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    at = movie
    while (track := data.find(b"trak", at)) >= 0:
        parents = [movie, track, data.index(b"edts", track)]
        edits, media = data.index(b"elst", track), data.index(b"mdhd", track)
        scale = struct.unpack_from(">I", data, media + 16)[0]
        size, _, _, count = struct.unpack_from(">I4sII", data, edits - 4)
        first = struct.unpack_from(">i", data, edits + 12 + 12 * (count - 1) + 4)[0]
        entries = b"".join(
            struct.pack(
                ">IiI", round(seconds * movie_scale), -1 if start < 0 else first + round(start * scale), 1 << 16
            )
            for start, seconds in pieces
        )
        box = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(pieces)) + entries
        data[edits - 4 : edits - 4 + size] = box
        for name in parents:
            struct.pack_into(">I", data, name - 4, struct.unpack_from(">I", data, name - 4)[0] + len(box) - size)
        at = data.index(b"mdhd", track)
    path.write_bytes(data)
    return path


def compress_header(path: Path) -> Path:
    """Compress the movie box, as the QuickTime file format allows. It must be the last one."""
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    packed = struct.pack(">I", len(data) - at) + zlib.compress(data[at:])
    boxes = struct.pack(">I4s4s", 12, b"dcom", b"zlib") + struct.pack(">I4s", 8 + len(packed), b"cmvd") + packed
    for name in (b"cmov", b"moov"):
        boxes = struct.pack(">I4s", 8 + len(boxes), name) + boxes
    path.write_bytes(data[:at] + boxes)
    return path


def double_sound_ticks(path: Path) -> Path:
    """Let the track of sound, the last one, count two ticks a sample. Nothing is heard at another time."""
    data = bytearray(path.read_bytes())
    track = data.rindex(b"trak")
    media, times, edits = (data.index(name, track) + 4 for name in (b"mdhd", b"stts", b"elst"))
    count = struct.unpack_from(">I", data, times + 4)[0]
    doubled = [media + 12, media + 16, *(times + 12 + 8 * number for number in range(count)), edits + 12]
    for at in doubled:
        struct.pack_into(">I", data, at, 2 * struct.unpack_from(">I", data, at)[0])
    path.write_bytes(data)
    return path
