"""Recognise ICC profiles that are sRGB without a colour engine (ICC.1:2022 for the format, IEC 61966-2-1 for sRGB).

A profile only counts as sRGB if everything that could change a colour is known and compared. The colours of an image
with such a profile are the stored ones, to within two of 255 levels.
"""

import struct
from collections.abc import Callable, Mapping

MAX_PROFILE_BYTES = 16_384
"""The longest profile that is read. Software embeds sRGB profiles of up to 3.2 KB."""

_HEADER_BYTES = 128
_ENTRY_BYTES = 12
_MAX_TAGS = 64
_SIGNATURE = slice(36, 40)
_CLASS, _COLOR_SPACE, _CONNECTION_SPACE = slice(12, 16), slice(16, 20), slice(20, 24)
_CLASSES = {b"mntr", b"scnr", b"spac"}

# The primaries, adapted to D50. A profile's white is their sum.
_COLORANTS = {
    b"rXYZ": (0.4360, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
# Texts, measurements and the original white. A colour engine that uses a matrix and curves reads none of them.
_WITHOUT_EFFECT = {
    *(b"desc", b"cprt", b"dmnd", b"dmdd", b"vued", b"view", b"lumi", b"meas", b"tech"),
    *(b"wtpt", b"bkpt", b"chad", b"chrm", b"dscm"),
}
_COLORANT_TOLERANCE = 0.0002
_LEVEL_TOLERANCE = 2 / 255
_LEVELS = 256
_MIN_CURVE_POINTS = 16
_SRGB_PARAMETERS = 3


def is_srgb(profile: bytes) -> bool:
    """Return whether an ICC profile is sRGB.

    False if it is longer than `MAX_PROFILE_BYTES`, is broken, or has a tag that this function does not know.
    """
    if not _HEADER_BYTES < len(profile) <= MAX_PROFILE_BYTES or profile[_SIGNATURE] != b"acsp":
        return False
    if profile[_CLASS] not in _CLASSES or profile[_COLOR_SPACE] != b"RGB " or profile[_CONNECTION_SPACE] != b"XYZ ":
        return False
    try:
        tags = _tags(profile)
        return (
            tags.keys() - _WITHOUT_EFFECT == {*_COLORANTS, *_CURVES}
            and all(_is_near(_xyz(tags[name]), expected) for name, expected in _COLORANTS.items())
            and all(_shows_levels_as_stored(_curve(tags[name])) for name in _CURVES)
        )
    except (ValueError, struct.error, ArithmeticError):
        return False


def _tags(profile: bytes) -> Mapping[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    if count > _MAX_TAGS:
        raise ValueError("more tags than profiles have")
    tags: dict[bytes, bytes] = {}
    for number in range(count):
        name, start, length = struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + number * _ENTRY_BYTES)
        content = profile[start : start + length]
        # Colour engines differ in which of two tags with one name they use.
        if name in tags or len(content) < length:
            raise ValueError("a tag that is there twice or is cut off")
        tags[name] = content
    return tags


def _xyz(tag: bytes) -> tuple[float, ...]:
    kind, *numbers = struct.unpack(">4s4x3i", tag[:20])
    if kind != b"XYZ ":
        raise ValueError("no XYZ")
    return tuple(number / 65536 for number in numbers)


def _is_near(found: tuple[float, ...], expected: tuple[float, ...]) -> bool:
    return all(abs(one - other) <= _COLORANT_TOLERANCE for one, other in zip(found, expected, strict=True))


def _curve(tag: bytes) -> Callable[[float], float]:
    """Read a curve from stored level to light, both 0 to 1: a table, or a formula of sRGB's type."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count < _MIN_CURVE_POINTS:
            raise ValueError("a curve of a single exponent, or of few points")
        table = struct.unpack_from(f">{count}H", tag, 12)
        return lambda level: _interpolated(table, level)
    kind, function = struct.unpack_from(">4s4xH", tag)
    if kind != b"para" or function != _SRGB_PARAMETERS:
        raise ValueError("an unknown kind of curve")
    g, a, b, c, d = (number / 65536 for number in struct.unpack_from(">5i", tag, 12))
    return lambda level: max(0.0, a * level + b) ** g if level >= d else c * level


def _interpolated(table: tuple[int, ...], level: float) -> float:
    place = level * (len(table) - 1)
    before = min(int(place), len(table) - 2)
    part = place - before
    return ((1 - part) * table[before] + part * table[before + 1]) / 65535


def _shows_levels_as_stored(curve: Callable[[float], float]) -> bool:
    levels = (level / (_LEVELS - 1) for level in range(_LEVELS))
    return all(abs(_encoded(curve(level)) - level) <= _LEVEL_TOLERANCE for level in levels)


def _encoded(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
