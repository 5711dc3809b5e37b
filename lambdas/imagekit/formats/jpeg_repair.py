"""Leave out of a JPEG what every decoder skips, so that libjpeg's first warning is about the image data.

libjpeg prints only the first of its warnings about a file. A harmless one would hide that pixels are missing.
"""

import struct

_MARKER = 0xFF
_SCAN = 0xDA
_END = b"\xff\xd9"
_SEQUENTIAL = {0xC0, 0xC1}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
# A scan of a sequential JPEG always covers all 64 coefficients at full precision (ITU-T T.81, table B.3).
_ALL_COEFFICIENTS = b"\x00\x3f\x00"


def repair(data: bytes) -> bytes:
    """Remove bytes between the segments before the first scan, and add an end marker.

    `data`: the whole JPEG, of which `read_header` has read the header.

    Result: a JPEG that libjpeg decodes to the same pixels.
    """
    pieces = [data[:2]]
    offset, is_sequential = 2, False
    while (found := data.find(_MARKER, offset)) >= 0:
        marker_at = found
        while marker_at < len(data) and data[marker_at] == _MARKER:
            marker_at += 1
        if marker_at >= len(data):
            break
        marker, start = data[marker_at], marker_at + 1
        if marker == 0 or marker in _WITHOUT_LENGTH:
            offset = start
            continue
        if data[marker_at - 1 : start] == _END:
            break
        (length,) = struct.unpack(">H", data[start : start + 2].rjust(2, b"\0"))
        end = start + max(2, length)
        segment = bytes((_MARKER, marker)) + data[start:end]
        is_sequential = is_sequential or marker in _SEQUENTIAL
        if marker == _SCAN:
            scan = segment[:-3] + _ALL_COEFFICIENTS if is_sequential and len(segment) >= 8 else segment
            return b"".join((*pieces, scan, data[end:], _END))
        pieces.append(segment)
        offset = end
    return data + _END
