"""The states that invoke a function, in the definitions."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_STATE_MACHINES = Path(__file__).parents[1] / "statemachines"
# The state that invokes the function of any check finds it by name in this value.
_CHECKS = "${Checks}"


def states_of(function: str) -> list[dict[str, Any]]:
    """Return the states that invoke a function, those of the newest definition last.

    Parameters
    ----------
    function
        The step's name. One that no state names is a check, which a state with the functions of all checks invokes.
    """
    definitions = (json.loads(path.read_text()) for path in sorted(_STATE_MACHINES.rglob("*.asl.json")))
    states = [
        (state["Arguments"]["FunctionName"], state)
        for definition in definitions
        for state in _tasks(definition)
        if "FunctionName" in state.get("Arguments", {})
    ]
    placeholder = f"${{{function}FunctionArn}}"
    named = [state for name, state in states if placeholder in name]
    return named or [state for name, state in states if _CHECKS in name]


def _tasks(definition: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for state in definition.get("States", {}).values():
        if state["Type"] == "Task":
            yield state
        yield from _tasks(state.get("ItemProcessor", {}))
