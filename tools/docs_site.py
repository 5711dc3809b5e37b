"""What MkDocs asks while it builds the site: what commands say, and that no page needs another host."""

import io
import posixpath
import re
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from safelight_local import cli

ROOT = Path(__file__).parents[1]

COMMANDS = "<!-- what every command says of itself -->"
"""Stands in a page where the help of the command line goes."""

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((\.\./[^)#\s]*)\)")
_FETCHED = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^\">\s]+", re.IGNORECASE
)


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Let a link to a file that is not in the site be its name, and put in what commands say."""

    def name_of(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page.file.src_uri), link[2]))
        if path.startswith("docs/"):
            return link[0]
        if not (ROOT / path).exists():
            raise ValueError(f"{page.file.src_uri} links to {link[2]}, which is not there.")
        return link[1] if "`" in link[1] else f"`{link[1]}`"

    text = _LINK.sub(name_of, markdown)
    return text.replace(COMMANDS, _commands()) if COMMANDS in text else text


def on_post_page(output: str, *, page: Any, **_: Any) -> str:
    """Refuse a page for which a browser would ask another host."""
    if found := _FETCHED.search(output):
        raise ValueError(f"{page.file.src_uri} would be fetched in part from elsewhere: {found[0]}")
    return output


def _commands() -> str:
    sections = [_section("safelight", _help())]
    sections += [_section(f"safelight {name}", _help(name)) for name in sorted(cli.COMMANDS)]
    return "\n".join(sections)


def _section(title: str, said: str) -> str:
    return f"## `{title}`\n\n```text\n{said}```\n"


def _help(*arguments: str) -> str:
    said = io.StringIO()
    with mock.patch.dict("os.environ", COLUMNS="88"), redirect_stdout(said), suppress(SystemExit):
        cli.main([*arguments, "--help"])
    return said.getvalue()
