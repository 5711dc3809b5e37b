"""The daily sweep: records whose claim outlived its execution without an event."""

import json
from datetime import timedelta

import pytest
from tests.unit.executing import Executing
from tests.unit.executions import StateMachine, make_state_machine
from tests.unit.recorded import Recorded

from awskit.table import timestamp
from image_workflow.sweep.handler import handler

DAILY = {"Records": [{"messageId": "daily", "body": json.dumps({"sweep": "claims"})}]}
OF_ANOTHER_MACHINE = "arn:aws:states:us-east-1:000000000000:execution:images-before:first"


@pytest.fixture(autouse=True)
def machine(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> StateMachine:
    made = make_state_machine(aws.emulator)
    monkeypatch.setenv("STATE_MACHINE", made.arn)
    return made


def status_after_sweep(aws: Recorded, executing: Executing, *, execution: str, claimed: timedelta) -> str:
    """Claim an upload in the past, sweep, and return its status."""
    executing.claim(executing.event(execution=execution))
    aws.change_upload(updatedAt=timestamp(after=-claimed))
    assert handler(DAILY, None) == {"batchItemFailures": []}
    status: str = aws.upload_item()["status"]["S"]
    return status


def test_a_claim_of_an_execution_that_was_stopped_is_closed(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    execution = machine.start("p1/slow.jpg")
    machine.stop(execution)
    assert status_after_sweep(aws, executing, execution=execution, claimed=timedelta(hours=1)) == "FAILED"


def test_a_claim_of_an_execution_in_progress_is_left_alone(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    execution = machine.start("p1/slow.jpg")
    assert status_after_sweep(aws, executing, execution=execution, claimed=timedelta(hours=23)) == "PROCESSING"


def test_a_claim_of_an_execution_that_step_functions_has_forgotten_is_closed(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    execution = f"{machine.arn.replace(':stateMachine:', ':execution:')}:forgotten"
    assert status_after_sweep(aws, executing, execution=execution, claimed=timedelta(hours=1)) == "FAILED"


@pytest.mark.parametrize(("hours", "status"), [(23, "PROCESSING"), (25, "FAILED")])
def test_a_claim_of_a_state_machine_that_was_replaced_is_closed_once_its_execution_must_have_ended(
    aws: Recorded, executing: Executing, hours: int, status: str
) -> None:
    claimed = timedelta(hours=hours)
    assert status_after_sweep(aws, executing, execution=OF_ANOTHER_MACHINE, claimed=claimed) == status
