"""Leave out of a JPEG what every decoder skips, so that libjpeg's first warning is about the image data.

libjpeg prints only the first of its warnings about a file. A harmless one would hide that pixels are missing.
"""

from collections.abc import Iterator

from imagekit.formats.jpeg_last_mcu import zeros_for_last_mcu
from imagekit.formats.jpeg_scans import FRAMES, SCAN, SEQUENTIAL
from imagekit.formats.jpeg_segments import Segment, segments_before_scan
from imagekit.source import BytesSource

_START, _END = b"\xff\xd8", b"\xff\xd9"
_FILL = 0xFF
# All applications' segments but JFIF's, ICC's and Adobe's; and comments.
_WITHOUT_EFFECT = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}
_APP0 = 0xE0
# libjpeg warns of another major version, and reads the segment nevertheless.
_JFIF, _JFIF_VERSION = b"JFIF\x00", b"\x01\x02"
# libjpeg also warns of an unknown transform, and takes the last one of these (libjpeg's jdapimin.c).
_APP14, _ADOBE, _TRANSFORM = 0xEE, b"Adobe", 11
_TRANSFORMS = {3: (0, 1), 4: (0, 2)}
_LENGTH_BYTES = 2
# A scan of a sequential JPEG covers all 64 coefficients at full precision (ITU-T T.81, table B.3).
_ALL_COEFFICIENTS = b"\x00\x3f\x00"


def repair(data: bytes) -> bytes:
    """Keep the segments before the first scan that change pixels, and nothing between them. Add an end marker.

    If bits of the last MCU are missing, they are zeros in the result, as in every decoder.

    `data`: the whole JPEG, of which `read_header` has read the header.

    Result: a JPEG that libjpeg decodes to the same pixels.
    """
    segments = [segment for segment in segments_before_scan(BytesSource(data)) if segment.marker not in _WITHOUT_EFFECT]
    return b"".join(
        (_START, *_rewritten(segments), data[segments[-1].end : _end_of_data(data)], zeros_for_last_mcu(segments), _END)
    )


def _end_of_data(data: bytes) -> int:
    end = len(data) - len(_END) if data.endswith(_END) else len(data)
    # FF before a marker is no data.
    while data[end - 1] == _FILL:
        end -= 1
    return end


def _rewritten(segments: list[Segment]) -> Iterator[bytes]:
    is_sequential = any(segment.marker in SEQUENTIAL for segment in segments)
    frames = [segment.content.read_at(0, 6) for segment in segments if segment.marker in FRAMES]
    components = frames[0][-1] if frames and frames[0] else 0
    for segment in segments:
        content = segment.content.read_at(0, segment.content.size)
        if segment.marker == _APP0 and content.startswith(_JFIF):
            content = _JFIF + _JFIF_VERSION + content[len(_JFIF) + len(_JFIF_VERSION) :]
        if segment.marker == _APP14 and content.startswith(_ADOBE):
            content = _with_known_transform(content, components=components)
        if segment.marker == SCAN and is_sequential:
            content = content[: -len(_ALL_COEFFICIENTS)] + _ALL_COEFFICIENTS
        yield bytes((0xFF, segment.marker)) + (_LENGTH_BYTES + len(content)).to_bytes(2, "big") + content


def _with_known_transform(content: bytes, *, components: int) -> bytes:
    known = _TRANSFORMS.get(components, ())
    if not known or len(content) <= _TRANSFORM or content[_TRANSFORM] in known:
        return content
    return content[:_TRANSFORM] + bytes([known[-1]]) + content[_TRANSFORM + 1 :]
