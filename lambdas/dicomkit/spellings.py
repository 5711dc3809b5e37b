"""How texts spell words and names."""

import re
import unicodedata
from collections.abc import Iterator

SEPARATORS = re.compile(r"[\W_]+")
_COMPONENTS = 2
# Letters that Unicode does not decompose.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ħ": "h"})
# How the letters are written without their accents, in German, Danish, Norwegian and Swedish.
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_ONE_LETTER = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))


def folded(text: str) -> str:
    """Return a text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(character for character in plain if not unicodedata.combining(character))


def words_in(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return [word for word in SEPARATORS.split(folded(text)) if word]


def name_words(text: str) -> set[str]:
    """Return the words of a name, also as they are spelled without umlauts, or with them."""
    lowered = unicodedata.normalize("NFC", text).casefold()
    words = {*words_in(text), *words_in(lowered.translate(_TWO_LETTERS))}
    for two, one in _ONE_LETTER:
        words |= {word.replace(two, one) for word in words_in(text) if len(word) > len(two) + 1}
    return words


def joined_names(name: str) -> Iterator[str]:
    """Yield a person's name (PN, PS3.5, 6.2.1) in one word: family and given name in both orders, and with initials."""
    for group in name.split("="):
        components = (*group.split("^"), "")
        family, given = ("".join(words_in(one)) for one in components[:_COMPONENTS])
        if family and given:
            yield from (family + given, given + family, given[0] + family, family + given[0])
