"""Makes text from outside safe to show. Keys, file names, reasons and errors can hold any character."""

import unicodedata

# "General Category Values" in the Unicode Character Database: controls, formats (which include all that turn text
# around), halves of surrogate pairs, and separators of lines and paragraphs. None of
# them is visible.
_WITHOUT_SHAPE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Replace each invisible character by an escape.

    The result is one line: ``\x1b`` instead of a terminal's escape character, ``\u202e`` instead of the override that
    reverses the following text. A text without such characters is unchanged.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def visible_lines(text: str) -> str:
    """Apply `visible` to each line of a text. The number of lines stays the same."""
    return "\n".join(map(visible, text.split("\n")))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _WITHOUT_SHAPE:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
