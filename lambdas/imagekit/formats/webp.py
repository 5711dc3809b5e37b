"""WebP headers: the three kinds of first chunk, and the EXIF chunk (RFC 9649); and all frames."""

from collections.abc import Iterator

from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.metadata.color_encoding import SRGB
from imagekit.metadata.exif import read_photo_metadata
from imagekit.metadata.exif_color import exif_color_encoding
from imagekit.metadata.exif_data import ExifData, read_exif
from imagekit.metadata.orientation import UPRIGHT, exif_orientation
from imagekit.rejection import ImageRejected, unreadable
from imagekit.source import PartSource, Source, read_exactly
from safelight_contracts.image_types import ImageType

_FIRST_CHUNK = 12
_CHUNK_HEADER = 8
_ANIMATION_FLAG, _EXIF_FLAG, _PROFILE_FLAG = 0x02, 0x08, 0x20
_FOURTEEN_BITS = 0x3FFF
# Offset within a frame's chunk, header included.
_DURATION = 20
_MAX_CHUNKS = 65_536
_EXIF = b"Exif\x00\x00"
# A frame is one chunk. A whole file may have ten times as many.
_MAX_CHUNKS_OF_ALL_FRAMES = 1_000_000


def read_header(source: Source) -> Header:
    """Read the canvas size, and the EXIF data that follows the image data if the header announces it."""
    start = read_exactly(source, _FIRST_CHUNK, 18)
    kind, payload = start[:4], start[_CHUNK_HEADER:]
    flags = 0
    exif: ExifData | None = None
    if kind == b"VP8 " and payload[3:6] == b"\x9d\x01\x2a":
        width = int.from_bytes(payload[6:8], "little") & _FOURTEEN_BITS
        height = int.from_bytes(payload[8:10], "little") & _FOURTEEN_BITS
    elif kind == b"VP8L" and payload[0] == 0x2F:
        bits = int.from_bytes(payload[1:5], "little")
        width = (bits & _FOURTEEN_BITS) + 1
        height = (bits >> 14 & _FOURTEEN_BITS) + 1
    elif kind == b"VP8X":
        width = int.from_bytes(payload[4:7], "little") + 1
        height = int.from_bytes(payload[7:10], "little") + 1
        flags = payload[0]
        exif = _exif(source) if flags & _EXIF_FLAG else None
    else:
        raise unreadable("a WebP without an image chunk")
    return Header(
        type=ImageType.WEBP,
        stored_width=width,
        stored_height=height,
        orientation=UPRIGHT if exif is None else exif_orientation(exif),
        frames=None if flags & _ANIMATION_FLAG else 1,
        color_encoding=SRGB if exif is None or flags & _PROFILE_FLAG else exif_color_encoding(exif),
        photo_metadata=None if exif is None else read_photo_metadata(exif),
    )


def frames(data: bytes) -> Iterator[int]:
    """Find the frames of an animated WebP without decoding any: the milliseconds that each is shown.

    `data`: the whole file, of which `read_header` has read the header.

    Raises ImageRejected: `UNREADABLE_IMAGE` if there are more chunks than any writer makes.
    """
    offset = _FIRST_CHUNK
    for _ in range(_MAX_CHUNKS_OF_ALL_FRAMES):
        if offset + _CHUNK_HEADER > len(data):
            return
        if data[offset : offset + 4] == b"ANMF":
            yield int.from_bytes(data[offset + _DURATION : offset + _DURATION + 3], "little")
        length = int.from_bytes(data[offset + 4 : offset + 8], "little")
        offset += _CHUNK_HEADER + length + length % 2
    raise unreadable("a WebP of too many chunks")


def _exif(source: Source) -> ExifData | None:
    # EXIF data follows the image data. In a long animation there are too many chunks before it.
    try:
        offset = _FIRST_CHUNK
        for _ in range(_MAX_CHUNKS):
            chunk = source.read_at(offset, _CHUNK_HEADER)
            if len(chunk) < _CHUNK_HEADER:
                break
            start, length = offset + _CHUNK_HEADER, int.from_bytes(chunk[4:], "little")
            if chunk[:4] == b"EXIF":
                # Some writers add the JPEG prefix, although the format has none.
                prefix = len(_EXIF) if source.read_at(start, len(_EXIF)) == _EXIF else 0
                return read_exif(PartSource(source, start=start + prefix, length=max(0, length - prefix)))
            offset = start + length + length % 2
    except ImageRejected:
        return None
    return None


FORMAT = Format(
    extension="webp",
    content_type="image/webp",
    recognises=lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    read_header=read_header,
    # Measured with lossless alpha.
    decoding_bytes_a_pixel=21,
    pillow_name="WEBP",
    plugins=["PIL.WebPImagePlugin"],
    frames=frames,
    display_times=frames,
)
"""WebP, decoded by libwebp."""
