"""Every definition's JSONata, on the version that Step Functions runs and on the newest."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.statemachines.definitions import (
    DEFINITIONS,
    JSONATA_IN_STEP_FUNCTIONS,
    ROOT,
    evaluate,
    evaluate_each,
    expressions,
    machines,
    parse_errors,
    read,
)

from safelight import WorkflowVersion
from safelight.image_workflow.routes import DEFAULT_ROUTES, encode_routes

NODE_PACKAGES = json.loads((ROOT / "package.json").read_text())["devDependencies"]
EVERY_VERSION = [NODE_PACKAGES["jsonata"], NODE_PACKAGES["jsonata-newest"].removeprefix("npm:jsonata@")]

ADDED_BY_STEP_FUNCTIONS = {"partition", "range", "hash", "random", "uuid", "parse"}
NOT_IN_STEP_FUNCTIONS = {"eval"}
"""Both are listed in "Transforming data with JSONata in Step Functions"."""

GET_ITEM = "arn:aws:states:::dynamodb:getItem"
INHERITED = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "isPrototypeOf"]
"""Names that every JavaScript object answers to."""
QUOTED = [
    "",
    " ",
    "it's",
    '"park"',
    "'park'",
    "park'",
    '{"park": 1}',
    "[0]",
    "*",
    "**",
    "%",
    "Park",
    "park ",
    "$routes",
]

each_definition = pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: f"{path.parent.name}-{path.name}")


def test_expressions_are_evaluated_on_the_version_of_step_functions_and_on_a_newer_one() -> None:
    assert list(evaluate_each("{% 1 + 1 %}")) == EVERY_VERSION
    assert EVERY_VERSION[0] == JSONATA_IN_STEP_FUNCTIONS != EVERY_VERSION[1]


@each_definition
@pytest.mark.parametrize("version", EVERY_VERSION)
def test_every_expression_parses(path: Any, version: str) -> None:
    found = list(expressions(read(path)))
    assert found
    errors = {expression: parse_errors(expression)[version] for expression in found}
    assert {expression: error for expression, error in errors.items() if error is not None} == {}


@each_definition
def test_every_function_that_is_called_is_one_of_step_functions(path: Any) -> None:
    called: set[str] = set()
    for expression in expressions(read(path)):
        code = re.sub(r"'[^']*'", "''", expression)
        called |= set(re.findall(r"\$(\w+)\s*\(", code)) - set(re.findall(r"\$(\w+)\s*:=", code))
    assert called.isdisjoint(NOT_IN_STEP_FUNCTIONS)
    known = {name: evaluate_each(f"{{% $exists(${name}) %}}")[JSONATA_IN_STEP_FUNCTIONS] for name in called}
    assert {name for name, answer in known.items() if answer != {"value": True}} <= ADDED_BY_STEP_FUNCTIONS


@pytest.mark.parametrize("version", EVERY_VERSION)
def test_an_expression_that_does_not_parse_is_detected(version: str) -> None:
    assert parse_errors("{% $exists( %}")[version]


def place_states(version: WorkflowVersion) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each state that reads a place from the records, and the Choice after it."""
    for machine in machines(read(version.definition)):
        for state in machine["States"].values():
            if state.get("Resource") == GET_ITEM:
                yield state, machine["States"][state["Next"]]


def state_after_place(version: WorkflowVersion, *, place_type: str | None) -> str:
    """Return the state that an upload of a place of that type goes to, with the default routes."""
    ((reads, chooses),) = place_states(version)
    routes = encode_routes(DEFAULT_ROUTES, default_route=None)
    result = {} if place_type is None else {"Item": {"placeType": {"S": place_type}}}
    assigned = {
        name: evaluate(value.replace("${Routes}", routes), states={"result": result})
        for name, value in reads["Assign"].items()
        if isinstance(value, str)
    }
    for choice in chooses["Choices"]:
        if evaluate(choice["Condition"], **assigned) is True:
            return str(choice["Next"])
    return str(chooses["Default"])


READING_PLACES = [version for version in WorkflowVersion if any(place_states(version))]


def test_the_versions_whose_routes_depend_on_the_place_are_v4_and_those_after_it() -> None:
    assert list(WorkflowVersion)[3:] == READING_PLACES


@pytest.mark.parametrize("version", READING_PLACES)
@pytest.mark.parametrize("place_type", DEFAULT_ROUTES)
def test_a_place_of_a_known_type_takes_its_route(version: WorkflowVersion, place_type: str) -> None:
    assert state_after_place(version, place_type=place_type) != "RecordFailState"


@pytest.mark.parametrize("version", READING_PLACES)
@pytest.mark.parametrize("place_type", [None, *QUOTED])
def test_a_place_of_an_unknown_type_is_rejected(version: WorkflowVersion, place_type: str | None) -> None:
    assert state_after_place(version, place_type=place_type) == "RecordFailState"


@pytest.mark.parametrize("version", READING_PLACES)
@pytest.mark.parametrize("place_type", INHERITED)
def test_a_place_type_named_like_an_object_property_is_unknown(version: WorkflowVersion, place_type: str) -> None:
    assert state_after_place(version, place_type=place_type) == "RecordFailState"


@pytest.mark.parametrize("version", READING_PLACES)
@given(place_type=st.text().filter(lambda text: text not in DEFAULT_ROUTES))
def test_only_the_types_that_have_a_route_are_accepted(version: WorkflowVersion, place_type: str) -> None:
    assert state_after_place(version, place_type=place_type) == "RecordFailState"
