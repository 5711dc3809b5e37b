"""Which values of attributes that the table does not name may stay."""

import re

from pydicom.tag import Tag

from dicomkit.character_sets import standard_term
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.raw import listed_vr
from dicomkit.words import Words

TEXTS = frozenset({"AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"})
"""Representations whose values are read for words of removed values."""

NUMBERS = {
    "AS": re.compile(rb"\d{3}[DWMY]"),
    "DS": re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    "IS": re.compile(rb"[+-]?\d{1,12}"),
}
"""Numbers in ASCII, and what is one."""

BINARY_NUMBERS = frozenset(["FD", "FL", "SL", "SV", "UL", "UV"])
"""Representations of binary numbers that can be an identifier. A shorter integer has at most five digits."""

BINARY = frozenset(["AT", "FD", "FL", "OB", "OD", "OF", "OL", "OV", "OW", "SL", "SS", "SV", "UL", "US", "UV"])
"""Representations of bytes that are no text."""

CHARACTER_SET = Tag(0x0008, 0x0005)
"""The character sets of a dataset. A file cannot be read without them."""

_MODALITY, _IMAGE_TYPE = Tag(0x0008, 0x0060), Tag(0x0008, 0x0008)
_PHOTOMETRIC = Tag(0x0028, 0x0004)
_PHOTOMETRICS = frozenset(
    {
        *("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB"),
        *("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT"),
    }
)
# Terms that stay though somebody has such a name (PS3.3, C.7.6.1.1.2 and C.8).
_IMAGE_TYPES = frozenset(
    {
        *("ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY", "AXIAL", "LOCALIZER", "VOLUME"),
        *("OTHER", "MIXED", "ADDITION", "AVERAGE", "PROJECTION", "IMAGE"),
    }
)


def has_own_vr(tag: int, *, vr: str) -> bool:
    """Say whether a representation is the dictionary's. Another one could hide text in a number, or a UID in a text."""
    listed = listed_vr(tag)
    return vr == listed or vr in listed.split(" or ")


def may_keep_text(tag: int, *, vr: str, texts: list[str], words: Words) -> bool:
    """Say whether the values of a text may stay.

    Raises
    ------
    Quarantined
        If they may not, and a file cannot be read without them.
    """
    if tag == _PHOTOMETRIC:
        if all(text.strip() in _PHOTOMETRICS for text in texts):
            return True
        raise Quarantined(QuarantineReason.MALFORMED)
    if tag == _IMAGE_TYPE:
        texts = [text for text in texts if text.strip() not in _IMAGE_TYPES]
    if vr == "CS":
        refused = any(words.is_in_code(text) for text in texts)
        if refused and tag == _MODALITY:
            raise Quarantined(QuarantineReason.TEXT_LEFT)
        return not refused
    return not any(words.is_in(text) for text in texts)


def may_keep_number(value: bytes, *, vr: str, words: Words) -> bool:
    """Say whether the values of a number in ASCII may stay: they are numbers, and no identifiers."""
    for part in value.rstrip(b"\0").split(b"\\"):
        number = part.strip(b" ")
        if number and not NUMBERS[vr].fullmatch(number):
            return False
        if words.is_number(number.decode("ascii")):
            return False
    return True


def may_keep_binary_number(values: list[float], *, words: Words) -> bool:
    """Say whether binary numbers may stay: none is an identifier."""
    return not any(words.is_binary_number(value) for value in values)


def standard_character_sets(texts: list[str]) -> list[str]:
    """Return the terms of character sets that devices spell in other ways.

    Raises
    ------
    Quarantined
        `MALFORMED` if one is unknown.
    """
    terms = [standard_term(text) for text in texts]
    if None in terms:
        raise Quarantined(QuarantineReason.MALFORMED)
    return [term for term in terms if term is not None]
