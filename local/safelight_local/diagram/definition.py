"""Parses a definition for a picture: its states, nested ones included, and its transitions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from safelight_local.diagram.words import choice_in_words
from safelight_local.errors import UserError

_DEEPEST = 20
"""The deepest nesting of states that is drawn. Deeper pictures would not be legible."""

ANY_ERROR = "any error"
"""The label of a catch of ``States.ALL``."""

_SERVICES = {
    "dynamodb": "DynamoDB",
    "elasticmapreduce": "EMR",
    "events": "EventBridge",
    "lambda": "Lambda",
    "states": "Step Functions",
}
_ACRONYM_LETTERS = 3


@dataclass(frozen=True, kw_only=True)
class State:
    """A state of a definition.

    `name`: no other state of the definition has it.
    `branches`: what runs within it: the branches of a Parallel, the one item processor of a Map; else none.
    `ways`: the ways on from it: choices in their order, then the default, then the errors that it catches. A catch that
    leads to the state's normal target is omitted.
    """

    name: str
    body: dict[str, Any]
    branches: "tuple[Machine, ...]"
    ways: "tuple[Transition, ...]"

    @property
    def type(self) -> str:
        """Its ``Type``, or empty."""
        return str(self.body.get("Type", ""))


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A state machine, or one that runs within a state of another.

    `comment`: what its author says of it; may be empty.
    `start`: the name of its first state.
    `states`: its states, in the definition's order.
    """

    comment: str
    start: str
    states: tuple[State, ...]


class Kind(Enum):
    """The kind of a transition."""

    NEXT = "next"
    CHOICE = "choice"
    DEFAULT = "default"
    CATCH = "catch"
    ANEW = "anew"


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A transition from one state to another.

    `label`: the condition, in words. Empty if there is none.
    """

    source: str
    target: str
    kind: Kind
    label: str


def parse(definition: object) -> Machine:
    """Parse a definition, and check that all targets of transitions exist.

    `definition`: what was read from JSON. Unknown fields are ignored. Placeholders are text.

    Raises UserError if it has no states, starts at or leads to a state that is not there, names two states alike, or
    has states within states more than 20 deep.
    """
    try:
        machine = _machine(definition, where="the file", depth=0)
    except RecursionError:
        raise UserError("its rules are nested too deeply to draw") from None
    seen: set[str] = set()
    for state in every_state(machine):
        if state.name in seen:
            raise UserError(f"two states are named {state.name!r}: names are unique in a state machine, nested or not")
        seen.add(state.name)
    return machine


def every_state(machine: Machine) -> Iterator[State]:
    """Iterate over all states. Nested states follow their state.

    Result: in the definition's order.
    """
    for state in machine.states:
        yield state
        for branch in state.branches:
            yield from every_state(branch)


def ends(state: State) -> bool:
    """Whether an execution or a branch can succeed in a state."""
    return state.body.get("End") is True or state.type == "Succeed"


def raises_error(state: State) -> bool:
    """Whether a choice ends the execution with an error, unless it is redriven."""
    return _raises(state.body)


def subtitle(state: State) -> str:
    """Say what a state is.

    Returns the call that a task makes, such as ``DynamoDB PutItem``; how long a Wait lasts; else its type in words.
    """
    if raises_error(state):
        return "raises the error"
    match state.type:
        case "Task":
            return _call(str(state.body.get("Resource", "")))
        case "Map":
            config = _processor(state.body).get("ProcessorConfig", {})
            distributed = isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"
            return "Map, distributed: for each item" if distributed else "Map: for each item"
        case "Parallel":
            return "Parallel: side by side"
        case "Wait" if "Seconds" in state.body:
            seconds = state.body["Seconds"]
            return f"Wait {seconds} s" if isinstance(seconds, int) else "Wait"
        case other:
            return other or "no type"


def _ways(name: str, body: dict[str, Any]) -> Iterator[Transition]:
    if "Next" in body:
        yield Transition(source=name, target=body["Next"], kind=Kind.NEXT, label="")
    for choice in body.get("Choices", []):
        kind, label = (Kind.ANEW, "redriven") if _raises(body) else (Kind.CHOICE, choice_in_words(choice))
        yield Transition(source=name, target=choice["Next"], kind=kind, label=label)
    if "Default" in body:
        yield Transition(source=name, target=body["Default"], kind=Kind.DEFAULT, label="otherwise")
    for catch in body.get("Catch", []):
        if catch["Next"] != body.get("Next"):
            errors = " or ".join(_error_in_words(str(error)) for error in catch["ErrorEquals"])
            yield Transition(source=name, target=catch["Next"], kind=Kind.CATCH, label=errors)


def _raises(body: dict[str, Any]) -> bool:
    return any("$error(" in str(choice.get("Condition", "")) for choice in body.get("Choices", []))


def _call(resource: str) -> str:
    parts = resource.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        return "Task"
    if parts[2] == "lambda":
        return "Lambda"
    if parts[5] == "activity":
        return "Activity"
    service, action = [*(part for part in parts[5:] if part != "aws-sdk"), ""][:2]
    short = service.upper() if len(service) <= _ACRONYM_LETTERS else service[:1].upper() + service[1:]
    name = _SERVICES.get(service, short)
    action = action.partition(".")[0]
    return name if action in ("invoke", "") else f"{name} {action[0].upper()}{action[1:]}"


def _error_in_words(error: str) -> str:
    if error == "States.ALL":
        return ANY_ERROR
    # DynamoDB.ConditionalCheckFailedException: the service is in the state's box.
    name = re.sub(r"(?<=.)Exception$", "", error.rpartition(".")[2])
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower() if re.fullmatch(r"([A-Z][a-z0-9]+)+", name) else error


def _processor(body: dict[str, Any]) -> dict[str, Any]:
    # Iterator is the name of ItemProcessor before 2022. Step Functions still accepts it.
    processor: dict[str, Any] = body.get("ItemProcessor", body.get("Iterator", {}))
    return processor


def _machine(definition: object, *, where: str, depth: int) -> Machine:
    if depth > _DEEPEST:
        raise UserError(f"{where} is within more than {_DEEPEST} states: this is too deep to be drawn")
    if not isinstance(definition, dict):
        raise UserError(f"{where} is not a state machine definition: it must be a JSON object")
    states = definition.get("States")
    if not isinstance(states, dict) or not states:
        raise UserError(f"{where} is not a state machine definition: it has no States")
    start = definition.get("StartAt")
    if not isinstance(start, str) or start not in states:
        raise UserError(f"StartAt of {where} names {start!r}, which is not among its states")
    machine = Machine(
        comment=str(definition.get("Comment", "")),
        start=start,
        states=tuple(_state(name, body, depth=depth) for name, body in states.items()),
    )
    for state in machine.states:
        for way in state.ways:
            if way.target not in states:
                raise UserError(f"the state {state.name!r} leads to {way.target!r}, which is not a state of {where}")
    return machine


def _state(name: str, body: object, *, depth: int) -> State:
    if not isinstance(body, dict):
        raise UserError(f"the state {name!r} is {body!r}: it must be a JSON object")
    for field, needed in (("Choices", ("Next", str)), ("Catch", ("Next", str)), ("Catch", ("ErrorEquals", list))):
        if not _is_list_of(body.get(field, []), *needed):
            raise UserError(f"the state {name!r} has {field} that is not a list of objects with {needed[0]} in each")
    for field in ("Next", "Default"):
        if not isinstance(body.get(field, ""), str):
            raise UserError(f"the state {name!r} has {field} that is not the name of a state")
    match body.get("Type"):
        case "Map":
            within = [_processor(body)]
        case "Parallel":
            within = body.get("Branches", [])
            if not isinstance(within, list) or not within:
                raise UserError(f"the state {name!r} is a Parallel without Branches")
        case _:
            within = []
    branches = tuple(_machine(one, where=f"the inside of {name!r}", depth=depth + 1) for one in within)
    return State(name=name, body=body, branches=branches, ways=tuple(_ways(name, body)))


def _is_list_of(ways: object, field: str, kind: type) -> bool:
    return isinstance(ways, list) and all(isinstance(it, dict) and isinstance(it.get(field), kind) for it in ways)
