"""PNG headers: the chunks around the image data (PNG specification, third edition)."""

import zlib

from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.formats.png_color import color_encoding
from imagekit.formats.png_repair import without_damaged_chunks
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.exif_data import ExifData, read_exif
from imagekit.metadata.orientation import UPRIGHT, exif_orientation
from imagekit.rejection import ImageRejected, unreadable, unsupported
from imagekit.source import FIRST_FETCH_BYTES, PartSource, Source, read_exactly
from safelight_contracts.image_types import ImageType

_SIGNATURE_BYTES = 8
_CHUNK_OVERHEAD = 12  # length, type, checksum
_OF_COLORS = {b"cICP", b"sRGB", b"gAMA", b"cHRM"}
# cHRM, the longest of them.
_CHROMATICITIES_BYTES = 32
_MAX_CHUNKS = 1024
_EXIF, _END = b"eXIf", b"IEND"
_JPEG_PREFIX = b"Exif\x00\x00"
# Xcode's pngcrush puts it first, and changes the image data so that only Apple's decoder reads it.
_APPLE = b"CgBI"


def read_header(source: Source) -> Header:
    """Read the size, the chunks before the image data, and EXIF data behind it."""
    start = read_exactly(source, _SIGNATURE_BYTES, 18)
    if start[4:8] == _APPLE:
        raise unsupported("PNG for iOS")
    if start[4:8] != b"IHDR":
        raise unreadable("a PNG that does not begin with IHDR")
    chunks = _chunks_before_image_data(source)
    exif = _exif(chunks.get(_EXIF) or _late_exif(source))
    animation = chunks.get(b"acTL")
    return Header(
        type=ImageType.PNG,
        stored_width=int.from_bytes(start[8:12], "big"),
        stored_height=int.from_bytes(start[12:16], "big"),
        orientation=UPRIGHT if exif is None else exif_orientation(exif),
        # An animation without frames is broken and shown as a still image.
        frames=1 if animation is None else max(1, int.from_bytes(animation.read_at(0, 4), "big")),
        color_encoding=color_encoding(chunks),
        photo_metadata=None if exif is None else read_photo_metadata(exif),
    )


def _chunks_before_image_data(source: Source) -> dict[bytes, Source]:
    chunks: dict[bytes, Source] = {}
    offset = _SIGNATURE_BYTES
    for _ in range(_MAX_CHUNKS):
        chunk = source.read_at(offset, 8)
        if len(chunk) < 8 or chunk[4:] in (b"IDAT", _END):
            break
        length = int.from_bytes(chunk[:4], "big")
        if chunk[4:] not in _OF_COLORS or _is_intact(source, offset=offset, length=length):
            chunks.setdefault(chunk[4:], PartSource(source, start=offset + 8, length=length))
        offset += length + _CHUNK_OVERHEAD
    return chunks


def _exif(chunk: Source | None) -> ExifData | None:
    if chunk is None:
        return None
    # Some writers add the JPEG prefix, although the chunk has none.
    is_prefixed = chunk.read_at(0, len(_JPEG_PREFIX)) == _JPEG_PREFIX
    return read_exif(PartSource(chunk, start=len(_JPEG_PREFIX)) if is_prefixed else chunk)


def _is_intact(source: Source, *, offset: int, length: int) -> bool:
    # Decoders ignore a chunk whose checksum is wrong, or that is longer than it can be.
    chunk = source.read_at(offset + 4, length + _CHUNK_OVERHEAD - 4) if length <= _CHROMATICITIES_BYTES else b""
    return len(chunk) > 4 and zlib.crc32(chunk[:-4]) == int.from_bytes(chunk[-4:], "big")


def _late_exif(source: Source) -> Source | None:
    """Find EXIF data in the last 64 KB, where writers that put it behind the image data have it.

    All of the chunks up to there would take many requests if the image is remote. Whole files are searched in the same
    place, so that both are turned the same way.
    """
    start = max(0, source.size - FIRST_FETCH_BYTES)
    try:
        tail = source.read_at(start, FIRST_FETCH_BYTES)
    except ImageRejected:
        # What comes before the image data has taken all that may be fetched.
        return None
    at = tail.rfind(_EXIF) - 4
    if at < 0 or not _ends_with_a_chain_of_chunks(tail, offset=at):
        return None
    length = int.from_bytes(tail[at : at + 4], "big")
    return PartSource(source, start=start + at + 8, length=length)


def _ends_with_a_chain_of_chunks(tail: bytes, *, offset: int) -> bool:
    while len(head := tail[offset : offset + 8]) == 8:
        if head[4:] == _END:
            return True
        offset += int.from_bytes(head[:4], "big") + _CHUNK_OVERHEAD
    return False


FORMAT = Format(
    extension="png",
    content_type="image/png",
    recognises=lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    read_header=read_header,
    # Measured with 16 bits and alpha, interlaced. Otherwise, it takes at most 6.
    decoding_bytes_a_pixel=13,
    libvips_loader="pngload",
    repair=without_damaged_chunks,
)
"""PNG, decoded by libpng."""
