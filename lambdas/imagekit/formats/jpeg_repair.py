"""Leave out of a JPEG what every decoder skips, so that libjpeg's first warning is about the image data.

libjpeg prints only the first of its warnings about a file. A harmless one would hide that pixels are missing.
"""

from collections.abc import Iterator

from imagekit.formats.jpeg_segments import SCAN, Segment, segments_before_scan
from imagekit.source import BytesSource

_START, _END = b"\xff\xd8", b"\xff\xd9"
_SEQUENTIAL = {0xC0, 0xC1}
_LENGTH_BYTES = 2
# A scan of a sequential JPEG covers all 64 coefficients at full precision (ITU-T T.81, table B.3).
_ALL_COEFFICIENTS = b"\x00\x3f\x00"


def repair(data: bytes) -> bytes:
    """Remove what is between the segments before the first scan, and add an end marker.

    `data`: the whole JPEG, of which `read_header` has read the header.

    Result: a JPEG that libjpeg decodes to the same pixels.
    """
    segments = list(segments_before_scan(BytesSource(data)))
    return b"".join((_START, *_rewritten(segments), data[segments[-1].end :], _END))


def _rewritten(segments: list[Segment]) -> Iterator[bytes]:
    is_sequential = any(segment.marker in _SEQUENTIAL for segment in segments)
    for segment in segments:
        content = segment.content.read_at(0, segment.content.size)
        if segment.marker == SCAN and is_sequential:
            content = content[: -len(_ALL_COEFFICIENTS)] + _ALL_COEFFICIENTS
        yield bytes((0xFF, segment.marker)) + (_LENGTH_BYTES + len(content)).to_bytes(2, "big") + content
