"""PNG headers: the chunks before the first image data (PNG specification, third edition)."""

from imagekit.directory import exif_orientation
from imagekit.exif import read_facts
from imagekit.header import UPRIGHT, Header
from imagekit.image_type import ImageType
from imagekit.rejection import unreadable
from imagekit.source import PartSource, Source, read_exactly

_SIGNATURE_BYTES = 8
_CHUNK_OVERHEAD = 12  # length, type, checksum
_MAX_CHUNKS = 1024
_PALETTE = 3
_WITH_ALPHA = {4, 6}


def read_header(source: Source) -> Header:
    """Read a PNG's size, and what the chunks before the image data tell."""
    start = read_exactly(source, _SIGNATURE_BYTES, 18)
    if start[4:8] != b"IHDR":
        raise unreadable("a PNG that does not begin with IHDR")
    chunks = _chunks_before_image_data(source)
    exif = chunks.get(b"eXIf")
    animation = chunks.get(b"acTL")
    depth, color_type = start[16], start[17]
    return Header(
        type=ImageType.PNG,
        stored_width=int.from_bytes(start[8:12], "big"),
        stored_height=int.from_bytes(start[12:16], "big"),
        orientation=UPRIGHT if exif is None else exif_orientation(exif, base=0),
        # An animation of no frames is a broken one, and shown as a still image.
        frames=1 if animation is None else max(1, int.from_bytes(animation.read_at(0, 4), "big")),
        has_alpha=color_type in _WITH_ALPHA or b"tRNS" in chunks,
        bit_depth=8 if color_type == _PALETTE else depth,
        has_color_profile=b"iCCP" in chunks,
        facts=None if exif is None else read_facts(exif),
    )


def _chunks_before_image_data(source: Source) -> dict[bytes, Source]:
    chunks: dict[bytes, Source] = {}
    offset = _SIGNATURE_BYTES
    for _ in range(_MAX_CHUNKS):
        chunk = source.read_at(offset, 8)
        if len(chunk) < 8 or chunk[4:] in (b"IDAT", b"IEND"):
            break
        length = int.from_bytes(chunk[:4], "big")
        chunks.setdefault(chunk[4:], PartSource(source, start=offset + 8, length=length))
        offset += length + _CHUNK_OVERHEAD
    return chunks
