"""The definitions are what their sources make, until they are released and never change again."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.statemachines.definitions import DEFINITIONS, STATE_MACHINES
from tools.assemble_definitions import (
    RELEASED,
    AssemblyError,
    assemble,
    assemble_unreleased,
    definition_of,
    released,
    sources,
)

FRAGMENTS = STATE_MACHINES / "fragments"
SOURCES = sources(STATE_MACHINES)


def changed(state_machines: Path, hashes: Path) -> list[str]:
    """Return the released definitions that are not, or no longer, what they were."""
    held = released(hashes)
    return [
        name
        for name, digest in held.items()
        if not (state_machines / name).exists()
        or hashlib.sha256((state_machines / name).read_bytes()).hexdigest() != digest
    ]


@pytest.fixture
def fragments(tmp_path: Path) -> Path:
    folder = tmp_path / "fragments"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, value: Any) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(value))
    return path


def assembled(tmp_path: Path, source: Any) -> Any:
    return json.loads(assemble(write(tmp_path, "v9", source), fragments=tmp_path / "fragments"))


def test_every_definition_has_a_source() -> None:
    assert [definition_of(source, state_machines=STATE_MACHINES) for source in SOURCES] == DEFINITIONS


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_unreleased_definition_matches_its_source(source: Path) -> None:
    definition = definition_of(source, state_machines=STATE_MACHINES)
    if definition.relative_to(STATE_MACHINES).as_posix() not in released(RELEASED):
        assert definition.read_text() == assemble(source, fragments=FRAGMENTS), "run 'make definitions'"


def test_no_released_definition_has_changed() -> None:
    assert changed(STATE_MACHINES, RELEASED) == [], "a released definition must not change: make a new version"


def test_a_changed_or_missing_released_definition_is_detected(tmp_path: Path) -> None:
    folder = tmp_path / "image_workflow"
    folder.mkdir()
    hashes = tmp_path / "released.sha256"
    lines = ["# a comment"]
    for name in ("v1", "v2", "v3"):
        (folder / f"{name}.asl.json").write_text(name)
        lines.append(f"{hashlib.sha256(name.encode()).hexdigest()}  image_workflow/{name}.asl.json")
    hashes.write_text("\n".join(lines))
    (folder / "v2.asl.json").write_text("another")
    (folder / "v3.asl.json").unlink()

    assert changed(tmp_path, hashes) == ["image_workflow/v2.asl.json", "image_workflow/v3.asl.json"]


def test_a_released_definition_is_not_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "sources" / "image_workflow"
    folder.mkdir(parents=True)
    for version in ("v1", "v2"):
        write(folder, version, {"is": "@{version}"})
    (tmp_path / "image_workflow").mkdir()
    held = tmp_path / "image_workflow" / "v1.asl.json"
    held.write_text("released")
    hashes = tmp_path / "released.sha256"
    hashes.write_text(f"{hashlib.sha256(b'released').hexdigest()}  image_workflow/v1.asl.json\n")

    assemble_unreleased(tmp_path, hashes=hashes)

    assert held.read_text() == "released"
    assert json.loads((tmp_path / "image_workflow" / "v2.asl.json").read_text()) == {"is": "v2"}


def test_every_fragment_is_used() -> None:
    texts = [path.read_text() for path in (*SOURCES, *FRAGMENTS.rglob("*.json"))]
    names = [path.relative_to(FRAGMENTS).with_suffix("").as_posix() for path in FRAGMENTS.rglob("*.json")]
    assert [name for name in names if not any(f'"@use": "{name}"' in text for text in texts)] == []


def test_a_fragment_is_replaced_by_its_content(tmp_path: Path, fragments: Path) -> None:
    write(fragments, "wait", {"Type": "Wait", "Seconds": 1})
    assert assembled(tmp_path, {"States": {"A": {"@use": "wait"}}}) == {"States": {"A": {"Type": "Wait", "Seconds": 1}}}


def test_a_list_used_in_a_list_is_spliced_into_it(tmp_path: Path, fragments: Path) -> None:
    write(fragments, "two", [1, 2])
    assert assembled(tmp_path, {"Retry": [0, {"@use": "two"}, 3], "Catch": {"@use": "two"}}) == {
        "Retry": [0, 1, 2, 3],
        "Catch": [1, 2],
    }


def test_keys_beside_a_fragment_are_merged_into_it(tmp_path: Path, fragments: Path) -> None:
    write(fragments, "state", {"Arguments": {"a": 1, "b": {"c": 2}}, "Next": "X"})
    source = {"@use": "state", "Arguments": {"b": "d"}, "Next": "Y", "End": True}
    assert assembled(tmp_path, source) == {"Arguments": {"a": 1, "b": "d"}, "Next": "Y", "End": True}


def test_the_version_is_the_name_of_the_source(tmp_path: Path, fragments: Path) -> None:
    write(fragments, "version", "@{version}")
    assert assembled(tmp_path, {"a": {"@use": "version"}, "b": "is @{version}"}) == {"a": "v9", "b": "is v9"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"@use": "absent"}, "there is no"),
        ({"@use": "circle"}, "uses itself: circle -> circle"),
        ({"@use": "text", "a": 1}, "'text' is no object"),
        ("@{versoin}", "versoin"),
    ],
)
def test_a_mistake_is_named(source: Any, message: str, tmp_path: Path, fragments: Path) -> None:
    write(fragments, "circle", {"a": {"@use": "circle"}})
    write(fragments, "text", "text")
    with pytest.raises(AssemblyError, match=message):
        assembled(tmp_path, source)
