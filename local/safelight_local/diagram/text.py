"""Makes text from definitions safe to show."""

import re
import textwrap
import unicodedata
from html import escape

from safelight_local.visible_text import visible, visible_lines

# XML 1.0 takes no other characters, not even as references: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"


def on_one_line(text: str) -> str:
    """Put a text on one line, and escape invisible characters and text direction controls."""
    return visible(re.sub(r"\s+", " ", text).strip())


def wrapped(text: str, *, width: int, lines: int) -> list[str]:
    """Break a text into lines.

    `width`: the maximum number of characters in a line.
    `lines`: the maximum number of lines. The rest is cut off, with an ellipsis.

    Empty for an empty text.
    """
    broken = textwrap.wrap(on_one_line(text), width=width, max_lines=lines, placeholder=" \u2026")
    return [line.strip() for line in broken]


def measured(text: str) -> str:
    """Return letters as wide as a text, without special meaning to Graphviz."""
    return "".join(_letter(character) for character in text)


def _letter(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in " .,:?!()-/_'="):
        return character
    return "MM" if unicodedata.east_asian_width(character) in "WF" else "m"


def as_content(text: str) -> str:
    """Write a text between the tags of an element."""
    return escape(_NO_XML.sub(_REPLACEMENT, visible_lines(text)), quote=False)


def as_attribute(text: str) -> str:
    """Write a text as the value of an attribute, which a script then reads letter by letter as it was."""
    written = escape(_NO_XML.sub(_REPLACEMENT, text))
    return "".join(it if visible(it) == it else f"&#{ord(it)};" for it in written)
