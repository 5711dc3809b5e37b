"""Makes text from outside safe to show. Keys, file names, reasons and errors can hold any character."""

import unicodedata

# "General Category Values" in the Unicode Character Database: controls, formats (which include all that turn text
# around), halves of surrogate pairs, and separators of lines and paragraphs. None of
# them is visible.
_WITHOUT_SHAPE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Replace each invisible character by an escape.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        In one line: ``\x1b`` in place of the escape that a terminal would obey, ``\u202e`` in place of the override
        that turns the rest around. Unchanged where there is no such character.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def visible_lines(text: str) -> str:
    r"""Apply `visible` to each line of a text.

    Parameters
    ----------
    text : str
        Any text; ``\n`` ends a line.

    Returns
    -------
    str
        As many lines.
    """
    return "\n".join(map(visible, text.split("\n")))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _WITHOUT_SHAPE:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
