"""Walk through a whole JPEG, and check its scans: that there are not too many, and that they cover every coefficient.

Decoding visits all pixels for each scan, however short it is. Coefficients that no scan covers are decoded as grey or
blurred, and those whose low bits no scan has as coarse steps.
"""

import re
from collections.abc import Iterator, Mapping

from imagekit.rejection import unreadable

MAX_SCANS = 100
"""As many as libtiff allows for a JPEG in a TIFF (LIBTIFF_JPEG_MAX_ALLOWED_SCAN_NUMBER). Photographs have about ten."""

FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of frames. C4, C8 and CC are tables and an extension."""

SEQUENTIAL = frozenset({0xC0, 0xC1})
"""The frames of Huffman's code whose components have one scan each: baseline and extended."""

SCAN = 0xDA
"""The marker of a scan's header."""

MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""Any marker but that of a restart.

In entropy-coded data, FF only precedes a zero or a restart marker. Before a marker, it may be repeated.
"""

_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_WITHOUT_LENGTH = {0x01, 0xD8}
_END = 0xD9
_LOW_BITS_MISSING = 0x0F
_ALL_COEFFICIENTS = range(64)


def segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Find the segments of a whole JPEG, up to its end marker. Data after it is ignored.

    Yields the marker of each, what follows its length, and where what follows the segment begins.
    """
    offset = 0
    while found := MARKER.search(data, offset):
        marker, offset = data[found.end() - 1], found.end()
        if marker in _WITHOUT_LENGTH:
            continue
        if marker == _END:
            return
        start, offset = offset + 2, offset + max(2, int.from_bytes(data[offset : offset + 2], "big"))
        yield marker, data[start:offset], offset


def validate_scans(data: bytes) -> None:
    """Reject a JPEG with so many scans that decoding it would take minutes, and one that lacks a scan.

    Parameters
    ----------
    data
        The whole JPEG. Data after its end is ignored. If its first scan is its only one, only the header is read.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` if it has more than `MAX_SCANS`, or none for the low bits of one of the 64 coefficients of
        a component.
    """
    missing: dict[int, set[int]] = {}
    is_progressive = False
    scans = 0
    for marker, content, _ in segments(data):
        if marker in FRAMES:
            is_progressive = marker in _PROGRESSIVE
            missing = {component: set(_ALL_COEFFICIENTS) for component in content[6::3]}
        elif marker == SCAN:
            scans += 1
            if scans > MAX_SCANS:
                raise unreadable("JPEG has too many scans")
            # A progressive JPEG is never complete after one scan.
            if not is_progressive and content[:1] == bytes([len(missing)]):
                return
            _remove_coefficients(missing, scan=content, is_progressive=is_progressive)
    if any(missing.values()):
        raise unreadable("a JPEG without all of its scans")


def _remove_coefficients(missing: Mapping[int, set[int]], *, scan: bytes, is_progressive: bool) -> None:
    if not scan or len(scan) < 4 + 2 * scan[0]:
        return
    behind = 1 + 2 * scan[0]
    # A later scan refines coefficients whose low bits are missing (T.81, G.1.1.1.2).
    if is_progressive and scan[behind + 2] & _LOW_BITS_MISSING:
        return
    found = range(scan[behind], scan[behind + 1] + 1) if is_progressive else _ALL_COEFFICIENTS
    for component in scan[1:behind:2]:
        missing.get(component, set()).difference_update(found)
