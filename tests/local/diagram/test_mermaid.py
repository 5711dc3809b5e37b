"""State machines as Mermaid's text: https://mermaid.js.org/syntax/stateDiagram.html."""

import re
from html import unescape

import pytest
from tests.local.diagram.definitions import HOSTILE, ORDERS, PICTURES, read

from safelight_local.diagram import to_mermaid
from safelight_local.diagram.definition import every_state, parse


def described(text: str) -> dict[str, str]:
    """Names of states, by their number."""
    found = re.findall(r'^ +state "([^"]*) \([^()]*\)" as (s\d+)', text, re.MULTILINE)
    return {number: unescape(name.replace("#", "&#")) for name, number in found}


@pytest.mark.parametrize("definition", [*map(read, PICTURES), ORDERS])
def test_every_state_and_every_transition_is_in_the_text(definition: dict[str, object]) -> None:
    text = to_mermaid(definition)
    names = described(text)
    states = list(every_state(parse(definition)))
    assert sorted(names.values()) == sorted(state.name for state in states)
    written = re.findall(r"^ +(s\d+) --> (s\d+)", text, re.MULTILINE)
    expected = [(way.source, way.target) for state in states for way in state.ways]
    assert sorted((names[source], names[target]) for source, target in written) == sorted(expected)


def test_branches_of_a_parallel_are_drawn_side_by_side() -> None:
    text = to_mermaid(ORDERS)
    (within,) = re.findall(r'^    state "Both[^"]*" as s\d+ \{\n(.*?)^    \}', text, re.MULTILINE | re.DOTALL)
    assert "Charge" in within
    assert "Reserve" in within
    assert within.count("\n        --\n") == 1


def test_names_are_always_escaped() -> None:
    (line,) = [line for line in to_mermaid(ORDERS).splitlines() if "alert" in line]
    label = re.fullmatch(r' +state "([^"]*)" as s\d+', line)
    assert label is not None
    assert re.fullmatch(r"(?:[\w .,?!()=/-]|#\d+;)*", label[1])
    assert HOSTILE in described(to_mermaid(ORDERS)).values()
