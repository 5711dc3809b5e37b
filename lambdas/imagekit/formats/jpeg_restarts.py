"""Check that no interval between the restart markers of a JPEG is missing (ITU-T T.81, B.2.1 and F.2.2.4).

libjpeg fills a missing interval with grey. It may not report this if it has reported something harmless before.
"""

import re
from dataclasses import dataclass, field
from math import ceil

from imagekit.formats.jpeg_scans import FRAMES
from imagekit.rejection import unreadable

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_INTERVAL, _SCAN, _END = 0xDD, 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, 0xD8}
_BLOCK = 8


@dataclass
class _Decoder:
    """What a decoder knows when a scan begins.

    `sampling`: by component, its horizontal and vertical sampling factors.
    `interval`: MCUs between two restart markers. 0 means that there are none.
    """

    width: int = 0
    height: int = 0
    sampling: dict[int, tuple[int, int]] = field(default_factory=dict)
    interval: int = 0


def validate_restarts(data: bytes) -> None:
    """Reject a JPEG with fewer restart markers than its scans have intervals.

    `data`: the whole JPEG. Data after its end is ignored.

    Raises ImageRejected: `UNREADABLE_IMAGE`.
    """
    decoder = _Decoder()
    offset = 0
    while found := _MARKER.search(data, offset):
        marker, offset = data[found.end() - 1], found.end()
        if marker in _WITHOUT_LENGTH:
            continue
        if marker == _END:
            return
        length = max(2, int.from_bytes(data[offset : offset + 2], "big"))
        content = data[offset + 2 : offset + length]
        offset += length
        if marker in FRAMES:
            _read_frame(decoder, content=content)
        elif marker == _INTERVAL:
            decoder.interval = int.from_bytes(content[:2], "big")
        elif marker == _SCAN and decoder.interval:
            following = _MARKER.search(data, offset)
            end = following.start() if following else len(data)
            if len(_RESTART.findall(data, offset, end)) < _restarts(decoder, scan=content):
                raise unreadable("a JPEG without all of its intervals")
            offset = end


def _read_frame(decoder: _Decoder, *, content: bytes) -> None:
    decoder.height, decoder.width = int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big")
    decoder.sampling = {
        component: (max(1, factors >> 4), max(1, factors & 15))
        for component, factors in zip(content[6::3], content[7::3], strict=False)
    }


def _restarts(decoder: _Decoder, *, scan: bytes) -> int:
    components = scan[1 : 1 + 2 * scan[0] : 2] if scan else b""
    return ceil(_mcus(decoder, components=components) / decoder.interval) - 1


def _mcus(decoder: _Decoder, *, components: bytes) -> int:
    most_across = max((across for across, _ in decoder.sampling.values()), default=1)
    most_down = max((down for _, down in decoder.sampling.values()), default=1)
    if len(components) == 1:
        # A scan of one component has its blocks, without those that only fill up an MCU (A.2.2).
        across, down = decoder.sampling.get(components[0], (1, 1))
        width, height = ceil(decoder.width * across / most_across), ceil(decoder.height * down / most_down)
        return ceil(width / _BLOCK) * ceil(height / _BLOCK)
    return ceil(decoder.width / (_BLOCK * most_across)) * ceil(decoder.height / (_BLOCK * most_down))
