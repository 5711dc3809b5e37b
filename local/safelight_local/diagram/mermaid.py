"""Writes a state machine as Mermaid's text: https://mermaid.js.org/syntax/stateDiagram.html."""

import re
from collections.abc import Iterator

from safelight_local.diagram.definition import Machine, State, ends, every_state, parse, subtitle
from safelight_local.diagram.text import on_one_line

_INDENT = "    "


def to_mermaid(definition: object) -> str:
    """Write a definition as a Mermaid state diagram. GitHub renders it in Markdown.

    Result: all states, those within states and all transitions, those of errors too. States are numbered; their names
    are their descriptions. Raises UserError as for `parse`.
    """
    machine = parse(definition)
    numbers = {state.name: f"s{number}" for number, state in enumerate(every_state(machine))}
    return "\n".join(["stateDiagram-v2", *_lines(machine, numbers=numbers, indent=_INDENT)]) + "\n"


def _lines(machine: Machine, *, numbers: dict[str, str], indent: str) -> Iterator[str]:
    for state in machine.states:
        label = _quotable(f"{state.name} ({subtitle(state)})")
        if not state.branches:
            yield f'{indent}state "{label}" as {numbers[state.name]}'
            continue
        yield f'{indent}state "{label}" as {numbers[state.name]} {{'
        for number, branch in enumerate(state.branches):
            if number:
                yield f"{indent}{_INDENT}--"
            yield from _lines(branch, numbers=numbers, indent=indent + _INDENT)
        yield f"{indent}}}"
    yield f"{indent}[*] --> {numbers[machine.start]}"
    for state in machine.states:
        yield from _ways(state, numbers=numbers, indent=indent)


def _ways(state: State, *, numbers: dict[str, str], indent: str) -> Iterator[str]:
    for way in state.ways:
        label = f": {_quotable(way.label)}" if way.label.strip() else ""
        yield f"{indent}{numbers[way.source]} --> {numbers[way.target]}{label}"
    if ends(state) or not state.ways:
        yield f"{indent}{numbers[state.name]} --> [*]"


def _quotable(text: str) -> str:
    """Escape all characters that have a meaning in Mermaid."""
    return re.sub(r"[^\w .,?!()=/-]", lambda found: f"#{ord(found[0])};", on_one_line(text))
