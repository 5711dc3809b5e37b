"""What `bench/functions.py` sends to each function."""

from typing import Any

import pytest
from bench.function_events import event_of, items_before
from bench.states import states_of

from awskit.records.rendition_sets import SetKind
from safelight_contracts.environment import Variable

IMAGE = {"bucket": "uploads", "key": "p1/a.jpg", "size": 100, "etag": "e1", "sequencer": "0A", "versionId": "1"}
ENVIRONMENT: dict[str, str] = {
    Variable.RECORDS_TABLE: "records",
    Variable.WORKFLOW_ID: "images",
    Variable.PUBLISHED_PREFIX: "",
}
CHECKS = ["Labels", "Moderation", "NoPeople", "Words"]
# Those of v4 and v5, which have all.
FUNCTIONS = ["CheckDimensions", "GetLabels", "Moderator", "Prepare", "Publish", "RemoveRejected", "Render", "Resizer"]


def payload(function: str) -> dict[str, Any]:
    found: dict[str, Any] = states_of(function)[-1]["Arguments"]["Payload"]
    return found


@pytest.mark.parametrize("function", [*FUNCTIONS, *CHECKS])
def test_an_event_has_the_keys_that_the_newest_definition_sends(function: str) -> None:
    assert event_of(function, image=IMAGE).keys() == payload(function).keys()


def test_an_event_has_the_values_that_a_definition_states_literally() -> None:
    event = event_of("Publish", image=IMAGE)
    assert (event["version"], event["claimed"]) == ("v5", True)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_event_has_the_attributes_of_the_image_that_the_definition_sends(function: str) -> None:
    expression = payload(function)["image"]
    assert all(f"'{name}': " in expression for name in event_of(function, image=IMAGE)["image"])


def test_publish_finds_its_claim_and_its_attempt() -> None:
    event = event_of("Publish", image=IMAGE)
    attempt, record = items_before("Publish", event=event, environment=ENVIRONMENT)
    assert attempt["kind"] == {"S": SetKind.ATTEMPT}
    assert record["claimedBy"] == attempt["executionArn"] == {"S": event["execution"]}
