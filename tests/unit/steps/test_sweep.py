"""The sweeper and events of executions that ended early."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.unit.executing import Executing
from tests.unit.executions import StateMachine, make_state_machine
from tests.unit.recorded import Recorded

from awskit.executions import Execution
from awskit.sweeping import finish, resources_from_environment
from awskit.table import plain
from awskit.uploads import parse_upload
from image_workflow.sweep.handler import handler

KEY = "p1/broken.jpg"
SLOW = "p1/slow.jpg"


@pytest.fixture
def machine(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> StateMachine:
    made = make_state_machine(aws.emulator)
    monkeypatch.setenv("STATE_MACHINE", made.arn)
    return made


def batch(*messages: Mapping[str, Any]) -> dict[str, Any]:
    records = [{"messageId": str(number), "body": json.dumps(message)} for number, message in enumerate(messages)]
    return {"Records": records}


def sweep(*executions: str) -> list[str]:
    """Send executions to the sweeper, and return the messages to deliver again."""
    events = [{"detail": {"executionArn": arn, "status": "FAILED"}} for arn in executions]
    return [failed["itemIdentifier"] for failed in handler(batch(*events), None)["batchItemFailures"]]


def record(aws: Recorded, key: str = KEY) -> dict[str, Any]:
    return plain(aws.upload_item(key))


@pytest.mark.parametrize("claimed", [True, False], ids=["claimed", "not claimed"])
def test_the_set_of_a_stopped_execution_is_removed_and_its_upload_fails(
    aws: Recorded, executing: Executing, machine: StateMachine, claimed: object
) -> None:
    arn = machine.start(SLOW)
    event = executing.event(SLOW, execution=arn)
    if claimed:
        executing.claim(event)
    executing.render(event)
    machine.stop(arn)
    assert sweep(arn) == []
    assert aws.keys() == []
    found = record(aws, SLOW)
    assert (found["status"], found["executionArn"], found["placeId"]) == ("FAILED", arn, "p1")
    assert (found["workflow"], found["version"], found["bucket"]) == ("images", "v5", "uploads")
    assert found.keys().isdisjoint({"claimedBy", "reason"})
    assert json.loads(found["detail"])["name"]
    assert "announcedAt" in found
    (sent,) = aws.events(expected=1)
    assert sent["detail-type"] == "Image Failed"
    assert sent["detail"]["key"] == SLOW
    assert sent["detail"]["removed"] == executing.written_by(event)
    assert sent["detail"]["detail"].keys() == {"name"}


def test_the_error_of_an_execution_is_recorded(aws: Recorded, executing: Executing, machine: StateMachine) -> None:
    arn = machine.fail()
    executing.claim(executing.event(KEY, execution=arn))
    sweep(arn)
    assert json.loads(record(aws)["detail"]) == {"name": "Broken", "cause": "The key says so."}


def test_sweeping_again_changes_and_announces_nothing(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    arn = machine.fail()
    executing.claim(executing.event(KEY, execution=arn))
    executing.render(executing.event(KEY, execution=arn))
    sweep(arn)
    before = aws.upload_item(KEY), aws.open_items()
    assert sweep(arn, arn) == []
    assert (aws.upload_item(KEY), aws.open_items()) == before
    assert len(aws.events(expected=1)) == 1


def test_an_execution_in_progress_is_left_alone(aws: Recorded, executing: Executing, machine: StateMachine) -> None:
    arn = machine.start(SLOW)
    event = executing.event(SLOW, execution=arn)
    executing.claim(event)
    executing.render(event)
    before = aws.upload_item(SLOW), aws.open_items()
    assert sweep(arn) == []
    assert (aws.upload_item(SLOW), aws.open_items()) == before
    assert aws.keys() == executing.written_by(event)
    machine.stop(arn)


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4", "v5"])
def test_a_publication_that_was_not_announced_is_announced_once(
    aws: Recorded, executing: Executing, machine: StateMachine, version: str
) -> None:
    arn = machine.fail()
    event = executing.event(KEY, execution=arn)
    executing.run(event, version=version)
    (by_step,) = aws.events(expected=1)
    published = record(aws)
    for _ in range(2):
        assert sweep(arn) == []
    (by_sweeper,) = aws.events(expected=1)
    assert by_sweeper["detail"] == by_step["detail"]
    assert by_sweeper["detail-type"] == "Image Published"
    announced_at = record(aws)["announcedAt"]
    assert record(aws) == published | {"announcedAt": announced_at}
    assert aws.keys() == executing.written_by(event)


def test_a_rejection_that_was_neither_cleared_nor_announced_is_both(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    before = executing.event(KEY)
    executing.run(before, version="v5")
    aws.events(expected=1)
    arn = machine.fail()
    again = executing.event(KEY, execution=arn)
    executing.claim(again, reprocess=True)
    executing.render(again)
    executing.reject(again)
    for _ in range(2):
        assert sweep(arn) == []
    assert aws.keys() == []
    assert aws.asset_item(KEY) == {}
    (sent,) = aws.events(expected=1)
    assert (sent["detail-type"], sent["detail"]["reason"]) == ("Image Rejected", "FAILED_MODERATION")
    assert sent["detail"]["removed"] == sorted(executing.written_by(before) + executing.written_by(again))
    assert sent["detail"]["detail"] == {"labels": ["Weapons"]}


def test_a_published_upload_whose_reprocess_was_killed_stays_published_with_the_failure(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    first = executing.event(KEY)
    executing.run(first, version="v5")
    aws.events(expected=1)
    pointer = aws.asset_item(KEY)
    arn = machine.fail()
    again = executing.event(KEY, execution=arn)
    executing.claim(again, reprocess=True)
    executing.render(again)
    assert sweep(arn) == []
    found = record(aws)
    assert (found["status"], found["executionArn"]) == ("PUBLISHED", first["execution"])
    assert "claimedBy" not in found
    failure = json.loads(found["failure"])
    assert (failure["name"], failure["executionArn"]) == ("Broken", arn)
    assert aws.asset_item(KEY) == pointer
    assert aws.keys() == executing.written_by(first)
    assert aws.events(expected=0) == []


def test_an_upload_claimed_meanwhile_is_left_to_its_execution(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    arn = machine.fail()
    other = executing.event(KEY, execution="second")
    executing.claim(other)
    executing.render(other)
    before = aws.upload_item(KEY)
    sweep(arn)
    assert aws.upload_item(KEY) == before
    assert aws.keys() == executing.written_by(other)
    assert aws.events(expected=0) == []


@pytest.mark.parametrize("status", ["PUBLISHED", "REJECTED", "FAILED", "WITHDRAWN"])
def test_an_outcome_of_another_execution_stays(aws: Recorded, machine: StateMachine, status: str) -> None:
    aws.put_upload(KEY, status=status, executionArn="second", version="v5", placeId="p1")
    before = aws.upload_item(KEY)
    sweep(machine.fail())
    assert aws.upload_item(KEY) == before
    assert aws.events(expected=0) == []


def test_late_writes_after_a_sweep_are_found(aws: Recorded, executing: Executing, machine: StateMachine) -> None:
    arn = machine.fail()
    event = executing.event(KEY, execution=arn)
    executing.render(event)
    sweep(arn)
    executing.write(executing.set_of(event), name="late")
    assert len(aws.keys()) == 1
    sweep(arn)
    assert aws.keys() == []


@pytest.mark.parametrize("status", ["TIMED_OUT", "ABORTED", "FAILED", "FORGOTTEN"])
def test_the_claim_of_an_ended_execution_is_closed_whatever_its_status(
    aws: Recorded, executing: Executing, status: str
) -> None:
    event = executing.event()
    executing.claim(event)
    executing.render(event)
    ended = Execution(arn=event["execution"], status=status, started_by=None, error=None, cause=None)
    finish(ended, parse_upload(event), resources=resources_from_environment())
    assert json.loads(record(aws, "p1/a.jpg")["detail"])["name"] == status
    assert record(aws, "p1/a.jpg")["status"] == "FAILED"
    assert aws.keys() == []


def test_a_folder_marker_leaves_no_record(aws: Recorded, machine: StateMachine) -> None:
    assert sweep(machine.fail("p1/broken/", size=0)) == []
    assert aws.upload_item("p1/broken/") == {}
    assert aws.events(expected=0) == []


@pytest.mark.parametrize("length", [901, 1024])
def test_too_long_a_key_fails_the_upload(aws: Recorded, machine: StateMachine, length: int) -> None:
    key = "p1/broken/".ljust(length, "k")
    assert sweep(machine.fail(key)) == []
    assert record(aws, key)["status"] == "FAILED"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"detail": None, "answer": 1},
        {"detail": {"bucket": {"name": "uploads"}, "object": {"key": KEY}}},
        {
            "detail": {
                "bucket": {"name": "uploads"},
                "object": {"key": KEY, "size": "large", "etag": "e", "sequencer": "0A"},
            }
        },
        {"detail": {"bucket": {"name": "uploads"}, "object": {"key": KEY, "size": 1, "etag": None, "sequencer": 1}}},
    ],
)
def test_an_execution_that_no_upload_started_is_left_alone(
    aws: Recorded, machine: StateMachine, event: dict[str, Any]
) -> None:
    arn = machine.start_by(event)
    machine.wait(arn)
    assert sweep(arn) == []
    assert aws.events(expected=0) == []


def test_an_execution_that_step_functions_has_forgotten_is_left_to_the_schedule(machine: StateMachine) -> None:
    assert sweep(machine.arn.replace(":stateMachine:", ":execution:") + ":gone") == []


def test_only_failed_messages_of_a_batch_are_delivered_again(
    aws: Recorded, executing: Executing, machine: StateMachine, make_s3_busy: Callable[[str], None]
) -> None:
    first, second = machine.fail(), machine.fail("p2/broken.jpg")
    executing.render(executing.event(KEY, execution=first))
    make_s3_busy("ListObjectVersions")
    assert sweep(first, second) == ["0"]
    assert record(aws, "p2/broken.jpg")["status"] == "FAILED"
    assert aws.upload_item(KEY) == {}


@pytest.mark.parametrize("operation", ["ListObjectVersions", "DeleteObjects"])
def test_a_redelivery_finishes_what_a_busy_s3_interrupted(
    aws: Recorded,
    executing: Executing,
    machine: StateMachine,
    make_s3_busy: Callable[[str], None],
    forget_clients: Callable[[], None],
    operation: str,
) -> None:
    arn = machine.fail()
    event = executing.event(KEY, execution=arn)
    executing.claim(event)
    executing.render(event)
    make_s3_busy(operation)
    assert sweep(arn) == ["0"]
    forget_clients()
    assert sweep(arn) == []
    assert aws.keys() == []
    (sent,) = aws.events(expected=1)
    assert sent["detail"]["removed"] == executing.written_by(event)


@pytest.mark.parametrize("second", ["fails", "is rejected"])
def test_the_next_run_removes_what_a_rejection_could_not(aws: Recorded, executing: Executing, second: str) -> None:
    executing.run(executing.event(), version="v5")
    # The first reprocess rejects, and its removal never gets through.
    first = executing.event(execution="reprocess-1")
    executing.claim(first, reprocess=True)
    executing.reject(first)
    again = executing.event(execution="reprocess-2")
    executing.claim(again, reprocess=True)
    if second == "fails":
        # The sweeper records the failure of the second, and removes what is owed.
        failed = Execution(arn=again["execution"], status="FAILED", started_by=None, error="Denied", cause=None)
        finish(failed, parse_upload(again), resources=resources_from_environment())
        assert plain(aws.upload_item())["status"] == "FAILED"
    else:
        executing.reject(again)
        executing.remove_rejected(again)
    assert aws.keys() == []
    assert aws.asset_item() == {}
    assert "unpublishing" not in plain(aws.upload_item())
