"""Words of the names and identifiers that are removed, which must not be left anywhere else."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

_SEPARATORS = re.compile(r"[\W_]+")
# What looks like a UID, in a text.
_UID = re.compile(r"\d+(?:\.\d+){4,}")
# A shorter name is in too many codes, and a shorter number in too many texts, to be looked for.
_MIN_NAME, _MIN_NUMBER = 3, 4
_MIN_SHORT_NAME = 2
# From this length on, a word is looked for inside other words too.
_MIN_PART = 5
# From this length on, it does not occur in a picture of 100 MB by chance, in more than one file of 10,000.
_MIN_BYTES = 7
# A misread letter of four leaves a likeness of 0.75 (difflib's ratio).
_LIKENESS = 0.7
# Words of most names of hospitals, and of the names of manufacturers.
_COMMON = frozenset(
    {
        *("and", "for", "the", "general", "national", "regional", "college", "school", "university", "research"),
        *("center", "centre", "clinic", "department", "hospital", "institute", "systems", "technology"),
        *("diagnostic", "health", "healthcare", "imaging", "medical", "medicine", "radiology"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words of names and identifiers, in lower case and without accents.

    `whole`: found where they are a word of a text or code. `short`: names of two letters, found where they are a word
    of a text. `parts`: found inside words too. `numbers`: without leading zeros.
    """

    whole: frozenset[str] = field(repr=False)
    short: frozenset[str] = field(repr=False)
    parts: frozenset[str] = field(repr=False)
    numbers: frozenset[str] = field(repr=False)

    def is_in(self, text: str) -> bool:
        """Say whether a text holds one of the words, or a UID."""
        return self.is_in_code(text) or not self.short.isdisjoint(_words(text))

    def is_in_code(self, code: str) -> bool:
        """Say whether a code holds one of the words, or a UID."""
        folded = _folded(code)
        if not self.whole.isdisjoint(_SEPARATORS.split(folded)):
            return True
        together = _SEPARATORS.sub("", folded)
        return any(part in together for part in self.parts) or _UID.search(code) is not None

    def is_like_one(self, text: str) -> bool:
        """Say whether a word of a text, which may be misread, is like one of the words."""
        return self.is_in(text) or any(
            get_close_matches(word, self.whole, n=1, cutoff=_LIKENESS) for word in _words(text)
        )

    def is_number(self, text: str) -> bool:
        """Say whether a decimal number is one of the identifiers."""
        return text.strip().lstrip("+-").partition(".")[0].lstrip("0") in self.numbers

    def is_in_bytes(self, data: bytes) -> bool:
        """Say whether one of the longer words is in data, in ASCII or UTF-8. Shorter ones occur by chance."""
        lowered = data.lower()
        return any(len(part) >= _MIN_BYTES and part in lowered for part in (word.encode() for word in self.parts))


def words_of(*, names: Iterable[str], identifiers: Iterable[str], places: Iterable[str], devices: str) -> Words:
    """Collect the words of some values.

    `names`: of people. `identifiers`: of people, visits and devices, and dates. `places`: names and addresses; their
    common words, and those of `devices`, are left out. `devices`: the manufacturer and model, which stay.
    """
    named = {word for name in names for word in _words(name)}
    found = {word for word in named if _is_long(word)}
    found |= {word for place in places for word in _words(place) if _is_long(word)} - _COMMON - set(_words(devices))
    for identifier in identifiers:
        words = [*_words(identifier), "".join(_words(identifier))]
        found |= {word for word in words if len(word) >= _MIN_NUMBER and any(map(str.isdigit, word))}
    numbers = {word.lstrip("0") for word in found if word.isdecimal() and len(word) >= _MIN_PART}
    return Words(
        whole=frozenset(found),
        short=frozenset(word for word in named - found if len(word) >= _MIN_SHORT_NAME and word.isalpha()),
        # Chinese and Japanese have no separators between words.
        parts=frozenset(word for word in found if len(word) >= _MIN_PART or not word.isascii()),
        numbers=frozenset(numbers - {""}),
    )


def _is_long(word: str) -> bool:
    return len(word) >= _MIN_NAME or not word.isascii()


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(_folded(text)) if word]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))
