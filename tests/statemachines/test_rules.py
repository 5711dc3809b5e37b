"""Rules that the states of every definition keep, as far as a definition's text shows them."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.statemachines.definitions import DEFINITIONS, ROOT, WORKFLOWS, evaluate, expressions, read, states

MODULES = sorted(path for path in (ROOT / "lambdas").rglob("*.py") if "Expression" in path.read_text(encoding="utf-8"))

# "#name" or ":value" in an expression, and as the key that defines it; a part of an ARN has colons on both sides.
SUBSTITUTE = re.compile(r"(?<![\w#:])[#:][A-Za-z]\w*+(?!:)")
VALUE = re.compile(r"(?<![\w#:]):[A-Za-z]\w*+(?!:)")

EVENT_FIELDS = {
    "bucket",
    "key",
    "versionId",
    "placeId",
    "status",
    "reason",
    "detail",
    "renditions",
    "removed",
    "workflow",
    "version",
    "executionArn",
}
"""The fields of every event out, whatever it announces."""
FIELDS_OF_SOME = {"route"}

each_definition = pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: f"{path.parent.name}-{path.name}")
WITH_A_TABLE = [path for path in DEFINITIONS if "${RecordsTableName}" in path.read_text()]
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def requests(value: Any) -> Iterator[dict[str, Any]]:
    """Yield each part of a Task's arguments that has DynamoDB expressions, those of a transaction too."""
    if isinstance(value, list):
        for part in value:
            yield from requests(part)
    elif isinstance(value, dict):
        if any(key.endswith("Expression") or key.startswith("ExpressionAttribute") for key in value):
            yield value
        for part in value.values():
            yield from requests(part)


def dynamodb_tasks(path: Path) -> dict[str, dict[str, Any]]:
    return {name: state for name, state in states(read(path), "Task").items() if ":dynamodb:" in state["Resource"]}


@pytest.mark.parametrize("path", WITH_A_TABLE, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_dynamodb_expressions_define_exactly_the_names_and_values_that_they_use(path: Path) -> None:
    # DynamoDB refuses a request that defines one which it does not use, and one that uses one which is not defined.
    tasks = dynamodb_tasks(path)
    assert tasks
    for name, state in tasks.items():
        for request in requests(state["Arguments"]):
            text = " ".join(value for key, value in request.items() if key.endswith("Expression"))
            defined = {*request.get("ExpressionAttributeNames", {}), *request.get("ExpressionAttributeValues", {})}
            assert set(SUBSTITUTE.findall(text)) == defined, name


@each_definition
def test_an_attribute_has_one_name_in_an_expression(path: Path) -> None:
    for name, state in dynamodb_tasks(path).items():
        for request in requests(state["Arguments"]):
            attributes = [json.dumps(attribute) for attribute in request.get("ExpressionAttributeNames", {}).values()]
            assert len(attributes) == len(set(attributes)), name


@each_definition
def test_a_state_that_reads_an_item_s_attributes_asks_dynamodb_for_them(path: Path) -> None:
    for name, state in dynamodb_tasks(path).items():
        if state["Resource"].endswith(("updateItem", "putItem", "deleteItem")):
            results = [state.get("Assign"), state.get("Output")]
            reads = any("$states.result.Attributes" in expression for expression in expressions(results))
            asks = state["Arguments"].get("ReturnValues", "NONE") in ("ALL_OLD", "ALL_NEW")
            assert asks is reads, name


def values_in(module: ast.Module) -> tuple[set[str], set[str]]:
    """Return the values that the dictionaries of a module define, and those that its other texts use."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        node.body[0].value
        for node in ast.walk(module)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    keys = {key for node in ast.walk(module) if isinstance(node, ast.Dict) for key in node.keys}
    texts = {
        node: node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    defined = {text for node, text in texts.items() if node in keys and VALUE.fullmatch(text)}
    used = {
        name
        for node, text in texts.items()
        if node not in keys and node not in docstrings
        for name in VALUE.findall(text)
    }
    return defined, used


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT / "lambdas").as_posix())
def test_the_functions_define_exactly_the_values_that_their_expressions_use(path: Path) -> None:
    defined, used = values_in(ast.parse(path.read_text(encoding="utf-8")))
    assert defined == used


def events(path: Path) -> dict[str, dict[str, Any]]:
    """Details of the events that a definition sends, by detail type."""
    return {
        entry["DetailType"]: entry["Detail"]
        for state in states(read(path), "Task").values()
        if state["Resource"].endswith("events:putEvents")
        for entry in state["Arguments"]["Entries"]
    }


@each_workflow
def test_every_event_has_the_fields_of_the_contract(path: Path) -> None:
    details = events(path)
    assert details.keys() >= {"Image Rejected", "Image Failed"}
    for name, detail in details.items():
        assert EVENT_FIELDS <= detail.keys() <= EVENT_FIELDS | FIELDS_OF_SOME, name


@each_workflow
def test_the_status_of_an_event_is_that_of_its_detail_type(path: Path) -> None:
    for name, detail in events(path).items():
        assert name == f"Image {detail['status'].title()}"


@each_workflow
def test_all_events_of_a_definition_have_safelights_source_and_the_workflow_s_bus(path: Path) -> None:
    for state in states(read(path), "Task").values():
        if state["Resource"].endswith("events:putEvents"):
            for entry in state["Arguments"]["Entries"]:
                assert (entry["Source"], entry["EventBusName"]) == ("safelight", "${EventBusName}")


@each_workflow
@pytest.mark.parametrize("name", ["RecordFailState", "RecordError"])
def test_an_outcome_says_who_recorded_it_and_when(path: Path, name: str) -> None:
    expression = dynamodb_tasks(path)[name]["Arguments"]["UpdateExpression"]
    for attribute in ("status", "version", "workflow", "executionArn", "updatedAt"):
        assert f"#{attribute} = :{attribute}" in expression


@each_workflow
def test_a_record_that_changes_while_its_upload_is_worked_on_says_when(path: Path) -> None:
    for name, state in dynamodb_tasks(path).items():
        if "#claimedBy" in state["Arguments"].get("UpdateExpression", ""):
            assert "#updatedAt = :updatedAt" in state["Arguments"]["UpdateExpression"], name


@each_workflow
def test_no_record_of_an_upload_is_written_without_a_condition(path: Path) -> None:
    for name, state in dynamodb_tasks(path).items():
        if state["Resource"].endswith("updateItem") and "IMAGE#" in json.dumps(state["Arguments"]["Key"]):
            assert state["Arguments"].get("ConditionExpression"), name


@each_workflow
def test_places_are_read_as_they_are_now(path: Path) -> None:
    for name, state in dynamodb_tasks(path).items():
        if state["Resource"].endswith("getItem"):
            assert state["Arguments"]["ConsistentRead"] is True, name


def texts(path: Path, part: str) -> dict[str, set[str]]:
    """Return, by the last name on the way to it, every text of a definition that has a part in it."""
    found: dict[str, set[str]] = {}

    def look(value: Any, name: str) -> None:
        if isinstance(value, str) and part in value:
            found.setdefault(name, set()).add(value)
        elif isinstance(value, dict):
            for key, inner in value.items():
                look(inner, key)
        elif isinstance(value, list):
            for inner in value:
                look(inner, name)

    look(read(path), "")
    return found


@each_workflow
def test_every_state_reads_and_writes_the_same_record_of_an_upload(path: Path) -> None:
    keys = {
        json.dumps(state["Arguments"]["Key"], sort_keys=True)
        for state in dynamodb_tasks(path).values()
        if "IMAGE#" in json.dumps(state["Arguments"].get("Key"))
    }
    assert len(keys) == 1


@each_workflow
def test_every_state_finds_the_place_of_an_upload_in_the_same_way(path: Path) -> None:
    ways = {
        re.sub(r"^\{% ('PLACE#' & )?", "", text)
        for texts_of_name in texts(path, "$split(").values()
        for text in texts_of_name
    }
    assert len(ways) == 1


@each_workflow
def test_every_function_gets_the_image_in_the_same_format(path: Path) -> None:
    images = {
        state["Arguments"]["Payload"]["image"]
        for state in states(read(path), "Task").values()
        if state["Resource"].endswith("lambda:invoke")
    }
    assert len(images) == 1
    detail = {
        "bucket": {"name": "uploads"},
        "object": {"key": "p1/a.jpg", "version-id": "v1", "etag": "e1", "size": 7, "sequencer": "0A"},
    }
    made = evaluate(images.pop(), states={"context": {"Execution": {"Input": {"detail": detail}}}})
    assert made == {
        "bucket": "uploads",
        "key": "p1/a.jpg",
        "versionId": "v1",
        "etag": "e1",
        "size": 7,
        "sequencer": "0A",
    }


@each_definition
def test_the_cause_of_a_failure_is_cut_so_that_a_record_can_hold_it(path: Path) -> None:
    for expression in expressions(read(path)):
        if "$states.errorOutput.Cause" in expression and "$parse" not in expression:
            given = {"errorOutput": {"Error": "E", "Cause": "c" * 32_768}, "context": {"Execution": {}}}
            assert len(json.dumps(evaluate(expression, states=given))) < 1100


@each_definition
def test_an_error_without_a_cause_is_recorded_too(path: Path) -> None:
    for expression in expressions(read(path)):
        if "$states.errorOutput.Cause" in expression and "$parse" not in expression:
            given = {"errorOutput": {"Error": "States.Timeout"}, "context": {"Execution": {}}}
            assert evaluate(expression, states=given) is not None
