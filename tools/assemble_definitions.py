"""Assemble the state machines of ``statemachines/`` from their sources and the fragments that they share.

``statemachines/sources/<system>/<version>.json`` becomes ``statemachines/<system>/<version>.asl.json``, which is
committed and deployed. A source is an Amazon States Language document in which

- ``{"@use": "retries/function"}`` stands for what is in ``statemachines/fragments/retries/function.json``. A list used
  within a list is spliced into it.
- keys beside ``@use`` are merged into the object that is used: an object into an object, anything else in its place.
- ``@{version}`` in a text stands for the version, which is the name of the source.

A definition that ``tests/statemachines/released.sha256`` names is released and never written again.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STATE_MACHINES = ROOT / "statemachines"
RELEASED = ROOT / "tests" / "statemachines" / "released.sha256"

_USE = "@use"
_PARAMETER = re.compile(r"@\{(\w+)\}")


class AssemblyError(ValueError):
    """A source or a fragment cannot be assembled; the message names it."""


def sources(state_machines: Path) -> list[Path]:
    """Return the sources of the definitions in a folder, in order."""
    return sorted((state_machines / "sources").rglob("*.json"))


def definition_of(source: Path, *, state_machines: Path) -> Path:
    """Return where the definition of a source is."""
    return (state_machines / source.relative_to(state_machines / "sources")).with_suffix(".asl.json")


def assemble(source: Path, *, fragments: Path) -> str:
    """Return the definition that a source and the fragments make.

    Raises AssemblyError if a fragment is missing or uses itself, or a parameter or a merge has no meaning.
    """
    document = _resolve(_load(source), fragments=fragments, parameters={"version": source.stem}, within=())
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def released(hashes: Path) -> dict[str, str]:
    """Return the SHA-256 of every released definition, by its path below ``statemachines/``."""
    lines = (line for line in hashes.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AssemblyError(f"there is no {path}") from None
    except ValueError as error:
        raise AssemblyError(f"{path} is not JSON: {error}") from None


def _resolve(value: Any, *, fragments: Path, parameters: Mapping[str, str], within: tuple[str, ...]) -> Any:
    def resolve(part: Any) -> Any:
        return _resolve(part, fragments=fragments, parameters=parameters, within=within)

    if isinstance(value, str):
        return _PARAMETER.sub(lambda match: _parameter(match[1], parameters), value)
    if isinstance(value, list):
        resolved: list[Any] = []
        for part in value:
            made = resolve(part)
            if _uses(part) and isinstance(made, list):
                resolved += made
            else:
                resolved.append(made)
        return resolved
    if not _uses(value):
        return {key: resolve(part) for key, part in value.items()} if isinstance(value, dict) else value
    name = value[_USE]
    if name in within:
        raise AssemblyError(f"fragment {name!r} uses itself: {' -> '.join([*within, name])}")
    used = _resolve(
        _load(fragments / f"{name}.json"), fragments=fragments, parameters=parameters, within=(*within, name)
    )
    changes = {key: resolve(part) for key, part in value.items() if key != _USE}
    if changes and not isinstance(used, dict):
        raise AssemblyError(f"fragment {name!r} is no object: {sorted(changes)} cannot be merged into it")
    return _merge(used, changes) if changes else used


def _uses(value: Any) -> bool:
    return isinstance(value, dict) and _USE in value


def _parameter(name: str, parameters: Mapping[str, str]) -> str:
    if name not in parameters:
        raise AssemblyError(f"@{{{name}}} has no meaning: there are {sorted(parameters)}")
    return parameters[name]


def _merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, change in changes.items():
        both = isinstance(change, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], change) if both else change
    return merged


def assemble_unreleased(state_machines: Path, *, hashes: Path) -> None:
    """Write the definition of each source, except those that are released."""
    held = released(hashes)
    for source in sources(state_machines):
        definition = definition_of(source, state_machines=state_machines)
        name = definition.relative_to(state_machines).as_posix()
        if name in held:
            print(f"kept {name}, which is released")
            continue
        definition.parent.mkdir(parents=True, exist_ok=True)
        definition.write_text(assemble(source, fragments=state_machines / "fragments"), encoding="utf-8")
        print(f"assembled {name}")


if __name__ == "__main__":
    try:
        assemble_unreleased(STATE_MACHINES, hashes=RELEASED)
    except AssemblyError as error:
        sys.exit(f"assemble_definitions: {error}")
