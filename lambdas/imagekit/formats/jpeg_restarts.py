"""Check that no interval between the restart markers of a JPEG is missing (ITU-T T.81, B.2.1 and F.2.2.4).

libjpeg fills a missing interval with grey. It may not report this if it has reported something harmless before.
"""

import re
from dataclasses import dataclass, field
from math import ceil

from imagekit.formats.jpeg_scans import FRAMES, MARKER, SCAN, segments
from imagekit.rejection import unreadable

_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_INTERVAL = 0xDD
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
    for marker, content, end in segments(data):
        if marker in FRAMES:
            _read_frame(decoder, content=content)
        elif marker == _INTERVAL:
            decoder.interval = int.from_bytes(content[:2], "big")
        elif marker == SCAN and decoder.interval:
            _check_scan(data, start=end, restarts=_restarts(decoder, scan=content))


def _check_scan(data: bytes, *, start: int, restarts: int) -> None:
    following = MARKER.search(data, start)
    end = following.start() if following else len(data)
    if len(_RESTART.findall(data, start, end)) < restarts:
        raise unreadable("a JPEG without all of its intervals")


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
