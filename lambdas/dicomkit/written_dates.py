"""Dates in texts, however they are written."""

import re
from collections.abc import Iterator
from itertools import permutations
from typing import TypeAlias

from dicomkit.spellings import folded

Day: TypeAlias = tuple[int, int, int]
"""Year, month, day."""

# Folded: English, and where it is different, German, French, Spanish and Italian.
_MONTHS = (
    *(("jan", "ene", "gen"), ("feb", "fev", "fey"), ("mar", "mrz"), ("apr", "avr", "abr"), ("may", "mai", "mag")),
    *(("jun", "giu"), ("jul", "lug"), ("aug", "aou", "ago"), ("sep", "set"), ("oct", "okt", "ott"), ("nov",)),
    ("dec", "dez", "dic"),
)
_NUMBERS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_BETWEEN = r"(?:[\s./,_\-年月]|st\b|nd\b|rd\b|th\b){1,3}"
_PART = r"(?:\d{1,4}|[a-z]{3,9})"
_SEPARATED = re.compile(rf"(?=(?<![^\W_])({_PART}){_BETWEEN}({_PART}){_BETWEEN}({_PART})(?![^\W_]*\d))")
_JOINED = re.compile(r"(?<!\d)(\d{8}|\d{6})(?!\d)")
_CENTURY = 100


def day_of(text: str) -> Day | None:
    """Return the day of a DA or DT, or None if it is none."""
    digits = text.strip()[:8]
    return (int(digits[:4]), int(digits[4:6]), int(digits[6:])) if re.fullmatch(r"\d{8}", digits) else None


def has_day(text: str, *, days: frozenset[Day]) -> bool:
    """Say whether one of the days is in a text: in any order, with the month's name, with a year of two digits."""
    return bool(days) and any(_is_one(parts, days=days) for parts in _candidates(folded(text)))


def _candidates(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _SEPARATED.finditer(text):
        yield match.group(1), match.group(2), match.group(3)
    for match in _JOINED.finditer(text):
        digits = match.group()
        year = len(digits) - 4
        yield digits[:year], digits[year : year + 2], digits[year + 2 :]
        yield digits[:2], digits[2:4], digits[4:]


def _is_one(parts: tuple[str, str, str], *, days: frozenset[Day]) -> bool:
    numbers = [int(part) if part.isdecimal() else _NUMBERS.get(part[:3], -1) for part in parts]
    return any(_is_day(year, month, day, days=days) for year, month, day in permutations(numbers))


def _is_day(year: int, month: int, day: int, *, days: frozenset[Day]) -> bool:
    if year >= _CENTURY:
        return (year, month, day) in days
    return any((known % _CENTURY, m, d) == (year, month, day) for known, m, d in days)
