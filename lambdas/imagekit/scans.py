"""Scans of a JPEG: one that comes in several is decoded over all its pixels once for each, however short a scan is."""

import re

from imagekit.rejection import unreadable

MAX_SCANS = 100
"""As many as libtiff allows of a JPEG in a TIFF (LIBTIFF_JPEG_MAX_ALLOWED_SCAN_NUMBER); photographs have about ten."""

# In entropy-coded data, FF stands before a zero or a restart marker alone; before a marker, it may be repeated.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_WITHOUT_LENGTH = {0x01, 0xD8}
_END, _SCAN = 0xD9, 0xDA
_NO_NUMBER = -1


def check_scans(data: bytes) -> None:
    """Reject a JPEG of so many scans that decoding it would take minutes.

    Parameters
    ----------
    data
        The whole JPEG; what stands behind its end is left out of account. Of one whose first scan is its only one, no
        more than the header is read.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when it has more than `MAX_SCANS`.
    """
    offset = scans = components = 0
    while found := _MARKER.search(data, offset):
        marker, offset = data[found.end() - 1], found.end()
        if marker in _WITHOUT_LENGTH:
            continue
        if marker == _END:
            return
        if marker in _FRAMES:
            # A progressive JPEG is never whole after one scan, whatever that one holds.
            components = _NO_NUMBER if marker in _PROGRESSIVE else int.from_bytes(data[offset + 7 : offset + 8])
        elif marker == _SCAN:
            scans += 1
            if scans > MAX_SCANS:
                raise unreadable("a JPEG of too many scans")
            if int.from_bytes(data[offset + 2 : offset + 3]) == components:
                return
        offset += max(2, int.from_bytes(data[offset : offset + 2]))
