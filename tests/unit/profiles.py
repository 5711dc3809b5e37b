"""Colour profiles that tests make."""

import struct
from collections.abc import Callable, Mapping

from PIL import ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

# Each to Bradford-adapted D50, in the order red, green, blue.
_DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))


def inverting() -> bytes:
    """Make an sRGB profile whose curves fall: what is stored as x is displayed as its negative."""
    return with_curve(lambda level: (1 - level) ** 2.2)


def display_p3() -> bytes:
    """Make a profile of sRGB's curves with Display P3's primaries."""
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    return changed(SRGB, {name: _xyz(xyz) for name, xyz in zip(names, _DISPLAY_P3, strict=True)})


def with_curve(curve: Callable[[float], float]) -> bytes:
    """Make an sRGB profile with another curve, from stored level to light."""
    table = b"".join(struct.pack(">H", round(65535 * curve(level / 1023))) for level in range(1024))
    tag = b"curv" + bytes(4) + struct.pack(">I", 1024) + table
    return changed(SRGB, {b"rTRC": tag, b"gTRC": tag, b"bTRC": tag})


def changed(profile: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """Put other tags into a profile, and add those that it has not."""
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(count)]
    together = {name: profile[start : start + length] for name, start, length in entries} | dict(tags)
    table, body = struct.pack(">I", len(together)), b""
    for name, content in together.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(together) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    whole = profile[:128] + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * value) for value in values))
