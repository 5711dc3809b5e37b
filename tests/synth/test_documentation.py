"""The documentation names all that is public, and what it points at is there."""

import ast
import enum
import inspect
import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tools import docs_site

import safelight

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TEXTS = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
SNIPPET = re.compile(r'--8<-- "([^":]+)(?::([^"]+))?"')
CALLABLES = {name: thing for name in safelight.__all__ if callable(thing := getattr(safelight, name))}
VALUES = {
    name: thing for name, thing in CALLABLES.items() if not (inspect.isclass(thing) and issubclass(thing, enum.Enum))
}


def id_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def section(docstring: str, *titles: str) -> str:
    """What stands under those titles of a NumPy docstring."""
    parts = re.split(r"^(\w+)\n-+\n", docstring, flags=re.MULTILINE)
    return "\n".join(text for title, text in zip(parts[1::2], parts[2::2], strict=True) if title in titles)


def described(docstring: str) -> set[str]:
    lines = re.findall(r"^(\w[\w, ]*?)(?: :.*)?$", section(docstring, "Parameters", "Attributes"), re.MULTILINE)
    return {name for line in lines for name in line.split(", ")}


def arguments(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self"}


def raises(function: Callable[..., Any]) -> bool:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(isinstance(node, ast.Raise) for node in ast.walk(tree))


def methods_of(thing: Any) -> list[tuple[str, Callable[..., Any]]]:
    public = [name for name in vars(thing) if not name.startswith("_")]
    return [(name, method) for name in public if inspect.isroutine(method := getattr(thing, name))]


def test_every_public_name_has_an_entry_in_the_reference() -> None:
    entries = re.findall(r"^::: safelight\.(\w+)$", "\n".join(page.read_text() for page in PAGES), re.MULTILINE)
    assert sorted(entries) == sorted(safelight.__all__)


@pytest.mark.parametrize("name", sorted(CALLABLES))
def test_every_public_name_says_what_it_is_for(name: str) -> None:
    assert (CALLABLES[name].__doc__ or "").strip()


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_argument_of_a_public_name_is_described(name: str) -> None:
    thing = VALUES[name]
    assert arguments(thing.__init__) <= described(inspect.getdoc(thing) or "")


@pytest.mark.parametrize("name", sorted(VALUES))
def test_a_public_name_that_refuses_arguments_says_when(name: str) -> None:
    thing = VALUES[name]
    # A dataclass's own __init__ has no source, and refuses nothing.
    made_by = getattr(thing, "__post_init__", None) if is_dataclass(thing) else thing.__init__
    assert made_by is None or not raises(made_by) or section(inspect.getdoc(thing) or "", "Raises")


@pytest.mark.parametrize("name", sorted(CALLABLES))
def test_every_argument_of_a_public_method_is_described(name: str) -> None:
    for called, method in methods_of(CALLABLES[name]):
        docstring = inspect.getdoc(method) or ""
        assert arguments(method) <= described(docstring), called
        assert not raises(method) or section(docstring, "Raises"), called


@pytest.mark.parametrize("page", TEXTS, ids=id_of)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    listed = re.findall(r": (\S+\.md)$", navigation, re.MULTILINE)
    assert sorted(listed) == sorted(str(page.relative_to(DOCS)) for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=id_of)
def test_what_a_page_embeds_is_there(page: Path) -> None:
    for path, part in SNIPPET.findall(page.read_text()):
        text = (ROOT / path).read_text()
        if part and not part[0].isdigit():
            assert f"[start:{part}]" in text
            assert f"[end:{part}]" in text


@pytest.mark.parametrize("page", PAGES, ids=id_of)
def test_the_states_that_a_page_embeds_are_whole(page: Path) -> None:
    for path, part in SNIPPET.findall(page.read_text()):
        if not path.endswith(".asl.json"):
            continue
        first, last = map(int, part.split(":"))
        lines = (ROOT / path).read_text().splitlines()[first - 1 : last]
        states = json.loads("{" + "\n".join(lines).rstrip(",") + "}")
        assert states.items() <= json.loads((ROOT / path).read_text())["States"].items()


def page_at(path: str) -> Any:
    return SimpleNamespace(file=SimpleNamespace(src_uri=path))


def test_every_command_has_a_section_with_what_it_says_of_itself() -> None:
    commands = sorted(path.stem for path in (ROOT / "local" / "safelight_local" / "cli").glob("[a-z]*.py"))
    shown = docs_site.on_page_markdown(docs_site.COMMANDS, page=page_at("reference/command-line.md"))
    assert re.findall(r"^## `safelight (\w+)`$", shown, re.MULTILINE) == commands
    assert shown.count("Usage: safelight") == 1 + len(commands)


def test_a_link_to_a_file_that_is_not_in_the_site_becomes_its_name() -> None:
    shown = docs_site.on_page_markdown("[the app](../app.py), [cost](../docs/raw.md)", page=page_at("index.md"))
    assert shown == "`the app`, [cost](../docs/raw.md)"


def test_a_link_to_a_file_that_is_not_there_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match=r"raw\.md links to \.\./none\.py"):
        docs_site.on_page_markdown("[none](../none.py)", page=page_at("raw.md"))


@pytest.mark.parametrize(
    "tag", ['<script src="https://cdn.example/a.js">', '<link rel=icon href="//cdn.example/a.png">']
)
def test_a_page_that_would_be_fetched_in_part_from_elsewhere_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="from elsewhere"):
        docs_site.on_post_page(f"<html>{tag}</html>", page=page_at("index.md"))


def test_a_page_may_lead_elsewhere() -> None:
    page = '<a href="https://example.com">there</a><img src="images/a.png">'
    assert docs_site.on_post_page(page, page=page_at("index.md")) == page
