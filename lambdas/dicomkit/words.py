"""Words of the names and identifiers that are removed, which must not be left anywhere else."""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from math import ceil, log
from string import digits

from dicomkit.spellings import SEPARATORS, folded, joined_names, name_words, words_in
from dicomkit.written_dates import Day, day_of, has_day

# What looks like a UID, in a text. It is looked for once in each row of digits, however long.
_UID = re.compile(r"(?<!\d)\d+(?:\.\d+){4,}")
# In data: the numbers 0x2E30, 0x2E31 and so on of a rising table are digits and dots too.
_UID_IN_DATA = re.compile(r"(?<![\d.])[0-2]\.(?=[\d.]*\d{3})\d+(?:\.\d+){3,}")
# A shorter name is in too many codes, and a shorter number in too many texts, to be looked for.
_MIN_NAME, _MIN_NUMBER = 3, 4
_MIN_SHORT_NAME = 2
# Shorter names in one word are other words too often, such as Ray^X.
_MIN_JOINED = 4
# A shorter number is a size or a count as often.
_MIN_BINARY_NUMBER = 6
_LONGEST_NUMBER, _LARGEST_FLOAT = 64, 3.4e38
# From this length on, a word is looked for inside other words too.
_MIN_PART = 5
# From this length on, it does not occur in a picture of 100 MB by chance, in more than one file of 10,000.
_MIN_BYTES = 7
# In the data of an attribute, a word that occurs by chance in fewer than one of 100,000 is long enough. A letter is any
# of 128 bytes, since its case does not matter.
_SHORTEST, _CHANCE, _BYTES_A_LETTER = 4, 100_000, 128
# Texts in data, in ASCII and UTF-16, that are long enough for a date or a UID.
_TEXTS_IN_DATA = tuple(re.compile(run) for run in (rb"[ -~]{6,}", rb"(?:[ -~]\0){6,}", rb"(?:\0[ -~]){6,}"))
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")
# A misread letter of four leaves a likeness of 0.75 (difflib's ratio).
_LIKENESS = 0.7
# Half of a shorter word is like half of another one by chance.
_MIN_LIKE = 4
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
    of a text. `parts`: found inside words too. `numbers`: without leading zeros. `days`: found however a text writes
    them.
    """

    whole: frozenset[str] = field(repr=False)
    short: frozenset[str] = field(repr=False)
    parts: frozenset[str] = field(repr=False)
    numbers: frozenset[str] = field(repr=False)
    days: frozenset[Day] = field(repr=False, default=frozenset())

    def is_in(self, text: str) -> bool:
        """Say whether a text holds one of the words or days, or a UID."""
        return self.is_in_code(text) or not self.short.isdisjoint(words_in(text))

    def is_in_code(self, code: str) -> bool:
        """Say whether a code holds one of the words or days, or a UID."""
        plain = folded(code)
        words = SEPARATORS.split(plain)
        if not self.whole.isdisjoint(words) or not self.whole.isdisjoint(word.strip(digits) for word in words):
            return True
        together = SEPARATORS.sub("", plain)
        if any(part in together for part in self.parts) or _UID.search(code) is not None:
            return True
        return has_day(code, days=self.days)

    def is_like_one(self, text: str) -> bool:
        """Say whether a word of a text, which may be misread, is one of the words, or like a longer one of them.

        Numbers are not like each other: any two have digits in common.
        """
        likable = [word for word in self.whole if _can_be_like(word)]
        return self.is_in(text) or any(
            get_close_matches(word, likable, n=1, cutoff=_LIKENESS) for word in words_in(text) if _can_be_like(word)
        )

    def is_number(self, text: str) -> bool:
        """Say whether a decimal number is one of the identifiers, also with an exponent."""
        try:
            value = Decimal(text.strip())
        except InvalidOperation:
            return False
        # An identifier has at most 64 characters.
        is_short = value.is_finite() and abs(value.adjusted()) < _LONGEST_NUMBER
        return is_short and str(abs(int(value))) in self.numbers

    def is_binary_number(self, value: float) -> bool:
        """Say whether an integer, or a number of floating point, is one of the longer identifiers."""
        return any(
            value in (int(number), _in_32_bits(number)) for number in self.numbers if len(number) >= _MIN_BINARY_NUMBER
        )

    def is_in_bytes(self, data: bytes) -> bool:
        """Say whether one of the longer words is in data, in ASCII or UTF-8. Shorter ones occur by chance."""
        lowered = data.lower()
        return any(len(part) >= _MIN_BYTES and part in lowered for part in (word.encode() for word in self.parts))

    def is_in_attribute(self, data: bytes) -> bool:
        """Say whether a word, a day or a UID is in the data of an attribute, in any of the usual encodings.

        The more data there are, the longer a word must be: short ones occur by chance.
        """
        lowered = data.lower()
        shortest = max(_SHORTEST, ceil(log(max(1, len(data)) * _CHANCE, _BYTES_A_LETTER)))
        return any(
            word.encode(encoding, "replace") in lowered
            for word in self.whole | self.parts
            if len(word.encode()) >= shortest
            for encoding in _ENCODINGS
        ) or any(_UID_IN_DATA.search(text) or has_day(text, days=self.days) for text in _texts_in(data))


def words_of(
    *, names: Iterable[str], identifiers: Iterable[str], dates: Iterable[str], places: Iterable[str], devices: str
) -> Words:
    """Collect the words of some values.

    `names`: of people. `identifiers`: of people, visits and devices. `dates`: YYYYMMDD, and a time. `places`: names and
    addresses; their common words, and those of `devices`, are left out. `devices`: the manufacturer and model, which
    stay.
    """
    people, days = set(names), [text[:8] for text in dates if day_of(text)]
    named = {word for name in people for word in name_words(name)}
    found = {word for word in named if _is_long(word)}
    found |= {word for name in people for word in joined_names(name) if len(word) >= _MIN_JOINED}
    found |= {word for place in places for word in words_in(place) if _is_long(word)} - _COMMON - set(words_in(devices))
    for identifier in [*identifiers, *days]:
        words = [*words_in(identifier), "".join(words_in(identifier))]
        found |= {word for word in words if len(word) >= _MIN_NUMBER and any(map(str.isdigit, word))}
    numbers = {word.lstrip("0") for word in found if word.isdecimal() and len(word) >= _MIN_PART}
    return Words(
        whole=frozenset(found),
        short=frozenset(word for word in named - found if len(word) >= _MIN_SHORT_NAME and word.isalpha()),
        # Chinese and Japanese have no separators between words.
        parts=frozenset(word for word in found if len(word) >= _MIN_PART or not word.isascii()),
        numbers=frozenset(numbers - {""}),
        days=frozenset(day for day in map(day_of, days) if day is not None),
    )


def _is_long(word: str) -> bool:
    return len(word) >= _MIN_NAME or not word.isascii()


def _texts_in(data: bytes) -> Iterator[str]:
    for pattern in _TEXTS_IN_DATA:
        for run in pattern.finditer(data):
            yield run.group().replace(b"\0", b"").decode("ascii")


def _can_be_like(word: str) -> bool:
    return not word.isdecimal() and (len(word) >= _MIN_LIKE or not word.isascii())


def _in_32_bits(number: str) -> float:
    nearest: float = struct.unpack("<f", struct.pack("<f", min(float(number), _LARGEST_FLOAT)))[0]
    return nearest
