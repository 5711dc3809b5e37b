"""How the numbers of a PNG stand for colours (PNG specification, third edition, 4.3 and 11.3.2)."""

import struct
from collections.abc import Mapping

from imagekit.metadata.code_points import encoding_of
from imagekit.metadata.color_encoding import BT709, SRGB, Chromaticity, ColorEncoding, Primaries, TransferFunction
from imagekit.source import Source

_CICP, _PROFILE, _SRGB, _GAMMA, _CHROMATICITIES = b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"
_UNIT = 100_000
_RGB_MATRIX = 0

# As libpng has them (png_gamma_not_sRGB, PNG_GAMMA_THRESHOLD and sRGB_TOLERANCE).
_SRGB_GAMMA = 2.2
_GAMMA_TOLERANCE = 0.05
_CHROMATICITY_TOLERANCE = 0.01
# Beyond these, the light of almost all numbers is the same. libpng has the same order of magnitude.
_MIN_GAMMA, _MAX_GAMMA = 0.1, 10.0
# Twice the area of the smallest triangle of primaries, and how far within it white is. sRGB's area is 0.22.
_MIN_AREA = 0.01
_MIN_SHARE = 0.01


def color_encoding(chunks: Mapping[bytes, Source]) -> ColorEncoding:
    """Return how the numbers of a PNG stand for colours if it has no ICC profile.

    Of cICP, iCCP, sRGB and gAMA, the first one that is there and valid counts. cHRM only counts with gAMA, as in
    browsers.

    Parameters
    ----------
    chunks
        The chunks before the image data, by type.
    """
    code_points = _content(chunks, _CICP, length=4)
    # Other matrices are not allowed.
    if code_points and code_points[2] == _RGB_MATRIX:
        return encoding_of(primaries=code_points[0], transfer=code_points[1])
    if _PROFILE in chunks or _SRGB in chunks:
        return SRGB
    gamma = _gamma(chunks)
    if gamma is None:
        return SRGB
    primaries = _primaries(chunks)
    # Writers of sRGB describe it so, for readers that do not know sRGB.
    if primaries == BT709 and abs(gamma / _SRGB_GAMMA - 1) <= _GAMMA_TOLERANCE:
        return SRGB
    return ColorEncoding(primaries=primaries, transfer=TransferFunction.GAMMA, gamma=gamma)


def _content(chunks: Mapping[bytes, Source], kind: bytes, *, length: int) -> bytes:
    """Read a chunk of a known length. Empty if it is missing or has another length."""
    chunk = chunks.get(kind)
    return b"" if chunk is None or chunk.size != length else chunk.read_at(0, length)


def _gamma(chunks: Mapping[bytes, Source]) -> float | None:
    stored = int.from_bytes(_content(chunks, _GAMMA, length=4), "big")
    # The file has the exponent that turns light into numbers.
    gamma = _UNIT / stored if stored else 0
    return gamma if _MIN_GAMMA <= gamma <= _MAX_GAMMA else None


def _primaries(chunks: Mapping[bytes, Source]) -> Primaries:
    content = _content(chunks, _CHROMATICITIES, length=32)
    if not content:
        return BT709
    white, red, green, blue = ((x / _UNIT, y / _UNIT) for x, y in struct.iter_unpack(">II", content))
    found = Primaries(red=red, green=green, blue=blue, white=white)
    return BT709 if not _can_be_mixed(found) or _is_near(found, BT709) else found


def _is_near(one: Primaries, other: Primaries) -> bool:
    return all(
        abs(a - b) <= _CHROMATICITY_TOLERANCE
        for first, second in zip(_all(one), _all(other), strict=True)
        for a, b in zip(first, second, strict=True)
    )


def _can_be_mixed(primaries: Primaries) -> bool:
    """Return whether white can be mixed from the three others, with a share of each."""
    red, green, blue, white = _all(primaries)
    if any(x > 1 or not 0 < y <= 1 for x, y in (red, green, blue, white)):
        return False
    whole = _area(red, green, blue)
    parts = (_area(white, green, blue), _area(red, white, blue), _area(red, green, white))
    return abs(whole) >= _MIN_AREA and all(part / whole >= _MIN_SHARE for part in parts)


def _all(primaries: Primaries) -> tuple[Chromaticity, ...]:
    return primaries.red, primaries.green, primaries.blue, primaries.white


def _area(one: Chromaticity, two: Chromaticity, three: Chromaticity) -> float:
    """Return twice the area of a triangle, negative if it is turned the other way."""
    return (two[0] - one[0]) * (three[1] - one[1]) - (three[0] - one[0]) * (two[1] - one[1])
