"""What a command sees of a video's execution."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.local.emulator_clients import client, wait_until
from tests.local.lambda_functions import create_role
from tests.local.map_states import Machine, distributed

from safelight_local.aws.redacting import bar, follow
from safelight_local.aws.redaction_states import Ending, Sent, State
from safelight_local.aws.redactions import Redaction, RedactionKind
from safelight_local.emulator.process import Emulator

REDACTED = {"status": "REDACTED", "reason": None, "detail": {"frames": 90, "tracks": 3}}


def labelled(label: str, *, work: dict[str, Any]) -> dict[str, Any]:
    made = distributed(work, Label=label, Items="{% $states.context.Execution.Input.chunks %}")
    return {name: value for name, value in made.items() if name != "End"}


@pytest.fixture(scope="module")
def machine(emulator: Emulator) -> Machine:
    """Two Maps with the labels of the redaction of videos. Its outcome is in its input."""
    endpoints = emulator.endpoints
    queue = client(endpoints, "sqs").create_queue(QueueName="chunks")["QueueUrl"]
    chunk = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"QueueUrl": queue, "MessageBody": {"token": "{% $states.context.Task.Token %}"}},
        "End": True,
    }
    outcome = "$states.context.Execution.Input.outcome"
    states: dict[str, Any] = {
        "Detect": labelled("Detect", work=chunk) | {"Next": "Cover"},
        "Cover": labelled("Cover", work=chunk) | {"Next": "Outcome?"},
        "Outcome?": {
            "Type": "Choice",
            "Choices": [{"Condition": f"{{% {outcome}.status = 'FAILED' %}}", "Next": "Failed"}],
            "Default": "Ended",
        },
        "Ended": {"Type": "Succeed", "Output": f"{{% {outcome} %}}"},
        "Failed": {"Type": "Fail", "Error": "ChunkMiscounted", "Cause": "29 frames"},
    }
    arn = endpoints.stepfunctions.create_state_machine(
        name="videos",
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "Detect", "States": states}),
        roleArn=create_role(endpoints, "videos-role"),
    )["stateMachineArn"]
    return Machine(endpoints=endpoints, arn=arn, queue=queue)


def watch(machine: Machine, key: str) -> Iterator[State]:
    redaction = Redaction(
        kind=RedactionKind.VIDEO,
        name="Videos",
        stack="A",
        source_bucket="in",
        destination_bucket="out",
        arn=machine.arn,
    )
    sent = Sent(redaction=redaction, path=Path("clip.mp4"), key=key, since=datetime.now(UTC))
    return follow(machine.endpoints, sent=sent)


def start(machine: Machine, key: str, *, outcome: dict[str, Any], chunks: int = 0) -> None:
    machine.start("", detail={"object": {"key": key}}, outcome=outcome, chunks=list(range(1, chunks + 1)))


def last(states: Iterator[State]) -> State:
    *_, ended = states
    return ended


def test_the_bar_counts_the_chunks_of_each_map(machine: Machine) -> None:
    states = watch(machine, "shown.mp4")
    assert next(states) == State(progress="waiting")
    start(machine, "shown.mp4", outcome=REDACTED, chunks=2)
    for words in ("finding faces", "covering faces"):
        first, second = machine.tokens(2)
        wait_until(lambda words=words: next(states).progress == f"{words} {bar(0, 2)}")  # type: ignore[misc]
        machine.answer(first)
        wait_until(lambda words=words: next(states).progress == f"{words} {bar(1, 2)}")  # type: ignore[misc]
        machine.answer(second)
    assert last(states) == State(ending=Ending.REDACTED, covered={"FACE": 3})


def test_a_bar_of_no_chunks_is_empty() -> None:
    assert bar(0, 0) == f"[{'-' * 20}] 0 of 0 chunks"
    assert bar(3, 4) == f"[{'#' * 15}{'-' * 5}] 3 of 4 chunks"


def test_a_rejection_has_its_reason(machine: Machine) -> None:
    start(machine, "rejected.mp4", outcome={"status": "REJECTED", "reason": "TEN_BIT", "detail": {}})
    assert last(watch(machine, "rejected.mp4")) == State(ending=Ending.REJECTED, reason="TEN_BIT")


def test_a_failed_execution_has_the_name_of_its_error(machine: Machine) -> None:
    start(machine, "failed.mp4", outcome={"status": "FAILED"})
    assert last(watch(machine, "failed.mp4")) == State(ending=Ending.FAILED, reason="ChunkMiscounted")


def test_the_execution_of_another_file_is_not_taken(machine: Machine) -> None:
    states = watch(machine, "mine.mp4")
    start(machine, "other.mp4", outcome=REDACTED)
    assert next(states) == State(progress="waiting")
    start(machine, "mine.mp4", outcome={"status": "REJECTED", "reason": "NOT_A_VIDEO"})
    assert last(states).reason == "NOT_A_VIDEO"
