"""What comes from outside is shown so that a terminal does nothing else with it, by every command."""

import io
import json
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.local.command_line import environment, safelight

from safelight_local.console.markup import tag
from safelight_local.diagram import draw, to_mermaid
from safelight_local.terminal import make_console, shown
from safelight_local.visible_text import visible, visible_lines

WITHOUT_SHAPE = ("Cc", "Cf", "Cs", "Zl", "Zp")
ROOT = Path(__file__).parents[2]
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
PAGE = ROOT / "local" / "safelight_local" / "console" / "page"
# A title of the terminal's window, an override that turns the rest around, and rich's markup.
HOSTILE = "a\x1b]0;mine\x07\x9b31m\u202egpj.exe\u2066[red]x[/red]:smile:"
SHOWN = r"a\x1b]0;mine\x07\x9b31m\u202egpj.exe\u2066[red]x[/red]:smile:"


def harmless(text: str) -> bool:
    return not any(unicodedata.category(character) in WITHOUT_SHAPE for character in text)


@given(st.text())
def test_only_invisible_characters_are_escaped(text: str) -> None:
    made = visible(text)
    assert harmless(made)
    assert visible(made) == made
    assert (made == text) == harmless(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])))
def test_visible_text_stays_unchanged(text: str) -> None:
    assert visible(text) == text


@given(st.text(), st.text())
def test_each_character_is_shown_separately(one: str, other: str) -> None:
    assert visible(one + other) == visible(one) + visible(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x00\x07\x7f\x80\x9b", r"\x00\x07\x7f\x80\x9b"),
        ("one\ntwo\r\tthree", r"one\x0atwo\x0d\x09three"),
        ("\u202a\u202b\u202c\u202d\u202e", r"\u202a\u202b\u202c\u202d\u202e"),
        ("\u2066\u2067\u2068\u2069", r"\u2066\u2067\u2068\u2069"),
        ("\u200e\u200f\u061c\u200b\ufeff\u00ad", r"\u200e\u200f\u061c\u200b\ufeff\xad"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
        ("café + crème 100% 公園 🏞", "café + crème 100% 公園 🏞"),
    ],
)
def test_an_invisible_character_is_escaped(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_lines_stay_lines_where_they_may() -> None:
    assert visible_lines("one\n\x1btwo\r\n") == "one\n\\x1btwo\\x0d\n"


@given(st.text())
def test_a_console_prints_text_without_markup(text: str) -> None:
    written = io.StringIO()
    console = Console(file=written, markup=False, emoji=False, highlight=False, width=10_000, force_terminal=True)
    console.print(shown(text), soft_wrap=True)
    assert written.getvalue() == visible(text) + "\n"


def test_the_console_of_the_commands_interprets_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    make_console().print("[red]x[/red] :smile:")
    assert capsys.readouterr().out == "[red]x[/red] :smile:\n"


def test_an_element_shows_what_is_in_it_and_in_its_attributes() -> None:
    assert tag("p", "\u202e<\x1b", title="\u2066") == r'<p title="\u2066">\u202e&lt;\x1b</p>'
    assert tag("pre", "one\ntwo") == "<pre>one\ntwo</pre>"


@settings(max_examples=10)
@given(st.lists(st.text(st.characters(exclude_characters="\t")), min_size=20))
def test_the_page_of_the_console_shows_the_same(texts: list[str]) -> None:
    assert shown_by_the_page(texts) == [visible_lines(text) for text in texts]


def test_the_page_of_the_console_keeps_whitespace() -> None:
    assert shown_by_the_page(["one\n\ttwo\x1b"]) == ["one\n\ttwo\\x1b"]


def shown_by_the_page(texts: list[str]) -> list[str]:
    node = shutil.which("node", path=PATH)
    assert node is not None, "Node.js is not installed: run 'make setup'"
    source = (
        PAGE / "format.js"
    ).read_text() + "\nconsole.log(JSON.stringify(JSON.parse(process.argv[1]).map(visible)));"
    done = subprocess.run(
        [node, "--input-type=module", "-e", source, json.dumps(texts)], capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


@pytest.mark.parametrize("write", [draw, to_mermaid])
def test_a_diagram_shows_the_names_of_states(write: object) -> None:
    definition = {"StartAt": HOSTILE, "States": {HOSTILE: {"Type": "Succeed"}}}
    made = write(definition)  # type: ignore[operator]
    assert all(harmless(line) for line in made.split("\n"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", HOSTILE],
        ["watermark", HOSTILE],
        ["dng", HOSTILE],
        ["diagram", HOSTILE],
        ["up", "--app", "python app.py", "--fixtures", HOSTILE],
        ["run", "photo.jpg", f"--{HOSTILE}"],
    ],
)
def test_a_command_that_rejects_a_file_shows_its_name(tmp_path: Path, arguments: list[str]) -> None:
    done = safelight(tmp_path, *(it.replace("\x00", "") for it in arguments))
    assert done.returncode == 2
    assert all(harmless(line) for line in done.stderr.split("\n"))
    assert SHOWN in done.stderr


def test_an_undecodable_file_name_is_shown(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "safelight_local", "watermark", os.fsdecode(b"a\xff\xfe.jpg")]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert rb"a\udcff\udcfe.jpg" in done.stderr
