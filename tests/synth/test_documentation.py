"""The documentation covers every public name, and what it points at exists."""

import ast
import enum
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest
from tools import docs_reference, docs_site

import safelight

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TEXTS = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
INCLUDE = re.compile(r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)", re.MULTILINE)
MARK = re.compile(r'"(?:# --8<-- )?(\[(?:start|end):\w+\])"')
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
    entries = re.findall(
        r"^\.\. auto(?:class|data):: safelight\.(\w+)$", "\n".join(page.read_text() for page in PAGES), re.MULTILINE
    )
    assert sorted(entries) == sorted(safelight.__all__)


@pytest.mark.parametrize("name", sorted(CALLABLES))
def test_every_public_name_says_what_it_is_for(name: str) -> None:
    assert (CALLABLES[name].__doc__ or "").strip()


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_argument_of_a_public_name_is_described(name: str) -> None:
    thing = VALUES[name]
    assert arguments(thing.__init__) <= described(inspect.getdoc(thing) or "")


@pytest.mark.parametrize("name", sorted(VALUES))
def test_the_docstring_of_a_public_name_says_when_it_raises(name: str) -> None:
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
def test_every_link_to_a_file_has_a_target(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r"^[^`\n]+ <(\S+)>$", (DOCS / "index.md").read_text(), re.MULTILINE)
    pages = [page.relative_to(DOCS).with_suffix("") for page in PAGES]
    assert sorted(["index", *listed]) == sorted(map(str, pages))


@pytest.mark.parametrize("page", PAGES, ids=id_of)
def test_files_that_a_page_includes_exist(page: Path) -> None:
    for path, options in INCLUDE.findall(page.read_text()):
        text = (page.parent / path).read_text()
        assert [mark for mark in MARK.findall(options) if mark not in text] == []


@pytest.mark.parametrize("page", TEXTS, ids=id_of)
def test_a_block_of_commands_contains_only_commands(page: Path) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in re.sub(r"\\\n +", "", block).splitlines()]
    assert [line for line in lines if not line.startswith("$ ")] == []


@pytest.mark.parametrize("page", TEXTS, ids=id_of)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"^\$ make ([a-z-]+)|`make ([a-z-]+)[^`]*`", page.read_text(), re.MULTILINE)
    assert {first or second for first, second in named} <= set(targets)


def test_every_command_has_a_section_with_its_help() -> None:
    modules = (ROOT / "local" / "safelight_local" / "cli").glob("[a-z]*.py")
    commands = sorted(path.stem.replace("_", "-") for path in modules)
    shown = docs_site.expand(docs_site.COMMANDS, page="reference/command-line.md")
    assert re.findall(r"^## `safelight ([\w-]+)`$", shown, re.MULTILINE) == commands
    assert shown.count("Usage: safelight") == 1 + len(commands)


def test_a_link_to_a_file_outside_the_site_becomes_its_text() -> None:
    shown = docs_site.expand("[the app](../app.py), [cost](../docs/raw.md)", page="index.md")
    assert shown == "`the app`, [cost](../docs/raw.md)"


def test_a_link_to_a_missing_file_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"raw\.md links to \.\./none\.py"):
        docs_site.expand("[none](../none.py)", page="raw.md")


@pytest.mark.parametrize(
    "tag", ['<script src="https://cdn.example/a.js">', '<link rel=icon href="//cdn.example/a.png">']
)
def test_a_page_that_loads_from_another_host_is_an_error(tag: str) -> None:
    with pytest.raises(ValueError, match="another host"):
        docs_site.check_html(f"<html>{tag}</html>", page="index.html")


def test_a_page_can_link_to_another_host() -> None:
    docs_site.check_html('<a href="https://example.com">there</a><img src="images/a.png">', page="index.html")


def test_the_reference_shows_the_arguments_of_constructs() -> None:
    docs_site.restore_signatures()
    assert "version" in inspect.signature(safelight.ImageWorkflow).parameters


def test_the_reference_lists_paired_attributes_one_by_one() -> None:
    lines = ["Attributes", "----------", "first, second : int", "    Two numbers.", "third : str", "    A text."]
    assert docs_reference.separate(lines) == [
        *lines[:2],
        *("first : int", "    Two numbers.", "second : int", "    Two numbers."),
        *lines[4:],
    ]


def test_prose_with_a_comma_is_not_an_entry() -> None:
    lines = ["Images, renditions", "and records."]
    assert docs_reference.separate(lines) == lines


@pytest.mark.parametrize("name", ["ImageType.PNG", "Watermark.color", "Check.labels"])
def test_a_member_that_the_reference_does_not_show_is_reported(name: str) -> None:
    member = name.rpartition(".")[2]
    everything = "".join(
        f'<dt id="safelight.{each}.{shown}">'
        for each in safelight.__all__
        for shown in docs_reference.members(getattr(safelight, each))
        if shown != member
    )
    assert name in docs_reference.missing_members(everything)


def test_the_reference_shows_how_a_default_is_made() -> None:
    shown = docs_reference.data_description("DEFAULT_RENDITIONS", safelight.DEFAULT_RENDITIONS)
    assert shown[0].startswith("A square tile")
    assert '       Rendition(name="scaled", width=600),' in shown
