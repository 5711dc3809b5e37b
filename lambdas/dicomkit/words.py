"""Words of the values that are removed, which must not be left anywhere else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# A shorter word is in too many other words and codes.
_MIN_LENGTH = 3
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words, in lower case, of names and identifiers."""

    found: frozenset[str] = field(repr=False)

    def is_in(self, text: str) -> bool:
        """Say whether one of the words is a word of a text."""
        return not self.found.isdisjoint(_words(text))

    def is_in_bytes(self, data: bytes) -> bool:
        """Say whether a word of five letters or more is in data, in ASCII and in any case. Shorter ones occur by chance."""
        lowered = data.lower()
        return any(word.encode() in lowered for word in self.found if word.isascii() and len(word) >= 5)


def words_of(values: Iterable[str]) -> Words:
    """Collect the words of some values."""
    return Words(found=frozenset(word for value in values for word in _words(value)))


def _words(text: str) -> set[str]:
    return {word for word in _SEPARATORS.split(text.lower()) if len(word) >= _MIN_LENGTH}
