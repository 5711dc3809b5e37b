"""A Sphinx extension: command-line help, links to source files, llms.txt, and no resources from other hosts."""

import inspect
import io
import posixpath
import re
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from constructs import Construct

import safelight
from safelight_local import cli

if TYPE_CHECKING:
    # Tests import this module where the documentation tools are not installed.
    from docutils import nodes
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]

COMMANDS = "<!-- help of every command -->"
"""The build replaces this comment by the ``--help`` text of every command."""

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((\.\./[^)#\s]*)\)")
_LOADED = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^\">\s]+", re.IGNORECASE
)


def setup(app: "Sphinx") -> dict[str, bool]:
    """Register the extension with Sphinx."""
    restore_signatures()
    app.connect("source-read", _replace_in_page)
    app.connect("build-finished", _check_pages)
    app.connect("build-finished", _write_llms_txt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def expand(markdown: str, *, page: str) -> str:
    """Replace links to files outside ``docs/`` by their text, and the comment ``COMMANDS`` by command-line help.

    Raises ValueError if a link leads to a missing file.
    """

    def text_of(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), link[2]))
        if path.startswith("docs/"):
            return link[0]
        if not (ROOT / path).exists():
            raise ValueError(f"{page} links to {link[2]}, which does not exist.")
        return link[1] if "`" in link[1] else f"`{link[1]}`"

    text = _LINK.sub(text_of, markdown)
    return text.replace(COMMANDS, _commands()) if COMMANDS in text else text


def check_html(html: str, *, page: str) -> None:
    """Raise ValueError if a browser would load part of the page from another host."""
    if found := _LOADED.search(html):
        raise ValueError(f"{page} loads a resource from another host: {found[0]}")


def restore_signatures() -> None:
    """Set the signatures of constructs, which jsii's metaclass hides from autodoc."""
    for name in safelight.__all__:
        thing = getattr(safelight, name)
        if inspect.isclass(thing) and issubclass(thing, Construct):
            signature = inspect.signature(thing.__init__)
            parameters = list(signature.parameters.values())[1:]
            thing.__signature__ = signature.replace(parameters=parameters)


def _replace_in_page(_app: "Sphinx", docname: str, source: list[str]) -> None:
    source[0] = expand(source[0], page=f"{docname}.md")


def _check_pages(app: "Sphinx", error: Exception | None) -> None:
    if error is None:
        folder = Path(app.outdir)
        for page in sorted(folder.rglob("*.html")):
            check_html(page.read_text(encoding="utf-8"), page=str(page.relative_to(folder)))


def _write_llms_txt(app: "Sphinx", error: Exception | None) -> None:
    """List the pages of the navigation with the first sentence of each: https://llmstxt.org."""
    from sphinx import addnodes

    if error is not None:
        return
    index = app.env.get_doctree("index")
    lines = [f"# {app.config.project}", "", f"> {_first_sentence(index)}"]
    for navigation in index.findall(addnodes.toctree):
        lines += ["", f"## {navigation['caption']}", ""]
        for title, page in navigation["entries"]:
            lines.append(f"- [{title}]({page}.html): {_first_sentence(app.env.get_doctree(page))}")
    (Path(app.outdir) / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _first_sentence(page: "nodes.document") -> str:
    from docutils import nodes

    paragraph = next(iter(page.findall(nodes.paragraph)))
    return re.split(r"(?<=[.!?]) ", paragraph.astext().replace("\n", " "), maxsplit=1)[0]


def _commands() -> str:
    sections = [_section("safelight", _help())]
    sections += [_section(f"safelight {name}", _help(name)) for name in sorted(cli.COMMANDS)]
    return "\n".join(sections)


def _section(title: str, text: str) -> str:
    return f"## `{title}`\n\n```text\n{text}```\n"


def _help(*arguments: str) -> str:
    output = io.StringIO()
    with mock.patch.dict("os.environ", COLUMNS="88"), redirect_stdout(output), suppress(SystemExit):
        cli.main([*arguments, "--help"])
    return output.getvalue()
