"""ICC profiles (ICC.1:2022) without their texts."""

import struct

_HEADER, _ENTRY = 128, struct.Struct(">4sII")
# What colours need: of matrices and curves, tables, white, and adaptation. Others are descriptions (9.2).
_TAGS = frozenset(
    {
        *(b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"bkpt", b"chad", b"lumi", b"rTRC", b"gTRC", b"bTRC", b"kTRC"),
        *(b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt"),
    }
)
_TYPES = frozenset({b"XYZ ", b"curv", b"para", b"sf32", b"mft1", b"mft2", b"mAB ", b"mBA "})
# Of the header: the version, the class and the spaces of colours, the intent, and the white of the connection space.
# Its date, makers, and hash go (7.2).
_KEPT_OF_HEADER = ((8, 24), (36, 40), (64, 80))
_MOST_TAGS = 100
_TEXT = "REMOVED"


def plain_profile(profile: bytes) -> bytes | None:
    """Return a profile without what its colours do not need, or None if it is none."""
    if len(profile) < _HEADER + 4 or profile[36:40] != b"acsp":
        return None
    (count,) = struct.unpack_from(">I", profile, _HEADER)
    if count > _MOST_TAGS or len(profile) < _HEADER + 4 + _ENTRY.size * count:
        return None
    bodies: dict[bytes, bytes] = {}
    for number in range(count):
        name, start, length = _ENTRY.unpack_from(profile, _HEADER + 4 + _ENTRY.size * number)
        body = profile[start : start + length]
        if len(body) != length:
            return None
        if name in _TAGS and body[:4] in _TYPES:
            bodies[name] = body
    return _written(bodies | _descriptions(version=profile[8]), header=profile[:_HEADER])


def _descriptions(*, version: int) -> dict[bytes, bytes]:
    """Return the description and the copyright that each profile must have."""
    if version >= 4:
        text = _TEXT.encode("utf-16-be")
        localized = b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(text), 28) + text
        return {b"desc": localized, b"cprt": localized}
    text = _TEXT.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    return {b"desc": described, b"cprt": b"text\0\0\0\0" + text}


def _written(bodies: dict[bytes, bytes], *, header: bytes) -> bytes:
    start = _HEADER + 4 + _ENTRY.size * len(bodies)
    table, data = struct.pack(">I", len(bodies)), b""
    for name, body in bodies.items():
        table += _ENTRY.pack(name, start + len(data), len(body))
        data += body + b"\0" * (-len(body) % 4)
    plain = bytearray(_HEADER)
    for first, last in _KEPT_OF_HEADER:
        plain[first:last] = header[first:last]
    plain[:4] = struct.pack(">I", start + len(data))
    return bytes(plain) + table + data
