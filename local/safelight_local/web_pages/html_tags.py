"""Finds the tags of images in HTML, and where their attributes are in the text."""

import re
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate

# "Attributes" in the HTML standard, 13.1.2.3. A value without quotes ends at white space.
_ATTRIBUTE = re.compile(
    r"""(?P<name>=?[^\s/>=]+)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s>"'][^\s>]*))?""",
)
# "Parsing a srcset attribute" in the HTML standard, 4.8.4.2.5.
_CANDIDATE = re.compile(r"[\s,]*(?P<url>\S*[^\s,])(?:,|\s+(?P<descriptor>(?:[^,(]|\([^)]*\))*)|$)")


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """An attribute with a value.

    Parameters
    ----------
    value
        Without quotes, and with references such as ``&amp;`` resolved.
    start, end
        Where the value is in the text, with its quotes.
    """

    value: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class ImageTag:
    """An ``<img>``, or a ``<source>`` of a ``<picture>``.

    Parameters
    ----------
    start
        Where it is in the text.
    source
        As it is written.
    """

    name: str
    start: int
    source: str

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """Those that have a value, by name in lower case. The first of a name counts."""
        found: dict[str, Attribute] = {}
        for match in _ATTRIBUTE.finditer(self.source, len(self.name) + 1):
            if (value := match["value"]) is not None:
                attribute = Attribute(
                    value=unescape(value[1:-1] if value[0] in "\"'" else value),
                    start=self.start + match.start("value"),
                    end=self.start + match.end("value"),
                )
                found.setdefault(match["name"].lower(), attribute)
        return found


@dataclass(frozen=True, kw_only=True)
class ImageTags:
    """The tags of images in a text, in its order.

    Parameters
    ----------
    base
        The ``href`` of ``<base>``. ``None`` if there is none.
    """

    tags: tuple[ImageTag, ...]
    base: str | None


@dataclass(frozen=True, kw_only=True)
class SrcsetCandidate:
    """A part of a ``srcset``. ``descriptor``: such as ``2x`` or ``640w``, or empty."""

    url: str
    descriptor: str


def find_image_tags(text: str) -> ImageTags:
    """Find the tags of images: not those in comments, scripts and styles."""
    finder = _Finder(text)
    finder.feed(text)
    finder.close()
    return ImageTags(tags=tuple(finder.found), base=finder.base)


def parse_srcset(value: str) -> list[SrcsetCandidate]:
    """Split the value of a ``srcset``."""
    return [
        SrcsetCandidate(url=match["url"], descriptor=(match["descriptor"] or "").strip())
        for match in _CANDIDATE.finditer(value)
    ]


class _Finder(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[ImageTag] = []
        self.base: str | None = None
        self._pictures = 0
        self._line_starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "picture":
            self._pictures += 1
        elif tag == "img" or (tag == "source" and self._pictures):
            line, column = self.getpos()
            source = self.get_starttag_text() or ""
            self.found.append(ImageTag(name=tag, start=self._line_starts[line - 1] + column, source=source))
        elif tag == "base" and self.base is None:
            self.base = dict(attrs).get("href")

    def handle_endtag(self, tag: str) -> None:
        if tag == "picture" and self._pictures:
            self._pictures -= 1
