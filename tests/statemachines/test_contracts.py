"""What the definitions write and send, against `safelight_contracts`: ASL has no imports, so it repeats its names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.statemachines.definitions import DEFINITIONS, WORKFLOWS, evaluate, read

from safelight_contracts.events import DETAIL_TYPES, SOURCE
from safelight_contracts.keys import place_id
from safelight_contracts.records import Attribute, Status, place_key, reprocess_key, upload_key
from safelight_contracts.schemas import event_schema

KEY, SEQUENCER, PLACE, WORKFLOW = "photos/riverside/coffee.jpg", "66A1B2C3", "riverside", "Photos.Workflow"
SUBSTITUTIONS = {"${KeyPrefix}": "photos/", "${WorkflowId}": WORKFLOW}
EXECUTION = "a-reprocess"
UPLOAD_KEY = upload_key(KEY, sequencer=SEQUENCER, workflow=WORKFLOW)

each_definition = pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: f"{path.parent.name}-{path.name}")
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside a definition."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)


def evaluated(text: str, *, key: str = KEY) -> Any:
    for name, value in SUBSTITUTIONS.items():
        text = text.replace(name, value)
    if not text.startswith("{%"):
        return text
    event = {"detail": {"object": {"key": key, "sequencer": SEQUENCER}}}
    context = {"Execution": {"Name": EXECUTION, "Input": event}}
    return evaluate(text, states={"context": context, "input": {"key": key, "reprocess": {"id": EXECUTION}}})


@each_definition
def test_keys_are_those_of_the_contracts(path: Path) -> None:
    keys = [part["Key"] for part in parts(read(path)) if isinstance(part.get("Key"), dict)]
    found = {(evaluated(key["pk"]["S"]), evaluated(key["sk"]["S"])) for key in keys}
    assert found <= {UPLOAD_KEY, place_key(PLACE), reprocess_key(EXECUTION)}


@each_workflow
@pytest.mark.parametrize("key", [KEY, "photos/alone.jpg", "photos//slash.jpg", "photos/é+ %2F/a/b.jpg", "photos/"])
def test_the_place_of_a_key_is_that_of_the_contracts(path: Path, key: str) -> None:
    every = list(parts(read(path)))
    ids = {part["placeId"] for part in every if "placeId" in part}
    ids |= {part[":placeId"]["S"] for part in every if ":placeId" in part}
    keys = {part["pk"]["S"] for part in every if part.get("sk") == {"S": "LISTING"}}
    assert ids
    place = place_id(key, prefix=SUBSTITUTIONS["${KeyPrefix}"])
    assert {evaluated(text, key=key) for text in ids if text.startswith("{%")} == {place}
    assert {evaluated(text, key=key) for text in keys} <= {place_key(place).pk}


@each_definition
def test_a_query_uses_the_key_prefixes_of_the_contracts(path: Path) -> None:
    for part in parts(read(path)):
        values = part.get("ExpressionAttributeValues", {})
        if ":pk" in values:
            assert evaluated(values[":pk"]["S"]) == UPLOAD_KEY.pk
            assert UPLOAD_KEY.sk.startswith(values[":upload"]["S"])


@each_workflow
def test_attributes_are_those_of_the_contracts(path: Path) -> None:
    names = {name for part in parts(read(path)) for name in part.get("ExpressionAttributeNames", {}).values()}
    assert names <= {attribute.value for attribute in Attribute}


@each_workflow
def test_states_of_a_record_are_those_of_the_contracts(path: Path) -> None:
    values = [part.get("ExpressionAttributeValues", {}).get(":status", {}).get("S") for part in parts(read(path))]
    assert set(filter(None, values)) <= {status.value for status in Status}


@each_workflow
def test_events_are_those_of_the_contracts(path: Path) -> None:
    entries = [part for part in parts(read(path)) if "DetailType" in part]
    assert entries
    schema = event_schema()
    for entry in entries:
        assert entry["Source"] == SOURCE
        assert entry["DetailType"] in DETAIL_TYPES
        assert set(schema["required"]) <= entry["Detail"].keys() <= schema["properties"].keys()
        assert entry["Detail"]["status"] in schema["properties"]["status"]["enum"]
