"""The names of character sets (PS3.3, C.12.1.1.2), and how devices spell them."""

import re

from pydicom.charset import python_encoding

_STANDARD = tuple(python_encoding)
# Names that are no terms of DICOM.
_OTHER_NAMES = {
    **dict.fromkeys(("LATIN1", "LATIN-1", "ISO 8859-1", "ISO-8859-1", "ISO8859-1", "ISO_8859-1"), "ISO_IR 100"),
    **dict.fromkeys(("UTF-8", "UTF8", "ISO 2022 IR 192", "ISO_2022_IR_192", "ISO-2022-IR-192"), "ISO_IR 192"),
    **dict.fromkeys(("ASCII", "US-ASCII"), "ISO_IR 6"),
}
_WORDS = re.compile(r"[ _-]")


def _spellings() -> dict[str, str]:
    spelled = {}
    for term in _STANDARD:
        words = _WORDS.split(term)
        if "IR" in words:
            number = words[-1]
            start = ["ISO", "2022", "IR"] if "2022" in words else ["ISO", "IR"]
            for inside in " _-":
                for last in " _-":
                    spelled[inside.join(start) + last + number] = term
    spelled |= _OTHER_NAMES
    spelled |= {name.lower(): term for name, term in spelled.items()}
    return {name: term for name, term in spelled.items() if name not in _STANDARD}


_SPELLINGS = _spellings()
# pydicom reads some of them in the right set, and others, with a warning, in the default one.
python_encoding.update({name: python_encoding[term] for name, term in _SPELLINGS.items()})


def standard_term(name: str) -> str | None:
    """Return the term of a character set, or None if there is no such set."""
    plain = name.strip()
    return plain if plain in _STANDARD else _SPELLINGS.get(plain)
