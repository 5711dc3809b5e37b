"""BMP headers: OS/2's and Windows' information headers."""

from imagekit.formats.header import Header
from imagekit.rejection import unreadable
from imagekit.source import Source, read_exactly
from safelight_contracts.image_types import ImageType

_OS2_HEADER_BYTES = 12
_BITS_AT, _ALPHA_MASK_AT, _COLOR_SPACE_AT = 28, 66, 70
_VERSION_3_BYTES, _VERSION_5_BYTES = 56, 124
_EMBEDDED_PROFILE = b"DEBM"  # PROFILE_EMBEDDED, its bytes from the last to the first
_FIVE_BITS = 16  # of which each colour has five, or green six


def read_header(source: Source) -> Header:
    """Read a BMP's size and colours; a negative height only says that rows go from top to bottom."""
    header_bytes = int.from_bytes(read_exactly(source, 14, 4), "little")
    if header_bytes == _OS2_HEADER_BYTES:
        sides = read_exactly(source, 18, 4)
        width, height = int.from_bytes(sides[:2], "little"), int.from_bytes(sides[2:], "little")
        return Header(type=ImageType.BMP, stored_width=width, stored_height=height, bit_depth=8)
    if header_bytes < _OS2_HEADER_BYTES:
        raise unreadable("a BMP without an information header")
    sides = read_exactly(source, 18, 8)
    bits = int.from_bytes(source.read_at(_BITS_AT, 2), "little")
    alpha_mask = source.read_at(_ALPHA_MASK_AT, 4) if header_bytes >= _VERSION_3_BYTES else b""
    color_space = source.read_at(_COLOR_SPACE_AT, 4) if header_bytes >= _VERSION_5_BYTES else b""
    return Header(
        type=ImageType.BMP,
        stored_width=int.from_bytes(sides[:4], "little", signed=True),
        stored_height=abs(int.from_bytes(sides[4:], "little", signed=True)),
        has_alpha=any(alpha_mask),
        bit_depth=5 if bits == _FIVE_BITS else 8,
        has_color_profile=color_space == _EMBEDDED_PROFILE,
    )
