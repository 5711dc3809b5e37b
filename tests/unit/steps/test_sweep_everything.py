"""The scheduled sweep: executions whose event was lost, and sets that are due."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.executing import Executing
from tests.unit.executions import StateMachine, make_state_machine
from tests.unit.recorded import Recorded

from awskit.table import plain, timestamp
from image_workflow.sweep.handler import handler

HOURLY = {"Records": [{"messageId": "hourly", "body": json.dumps({"sweep": "everything"})}]}
LONG_AGO = "2020-01-01T00:00:00.000Z"
EXPRESS = "arn:aws:states:us-east-1:000000000000:express:images:first:0"


@pytest.fixture
def machine(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> StateMachine:
    made = make_state_machine(aws.emulator)
    monkeypatch.setenv("STATE_MACHINE", made.arn)
    return made


def sweep() -> bool:
    """Sweep everything, and return whether all tasks succeeded."""
    return handler(HOURLY, None) == {"batchItemFailures": []}


def ago(**time: float) -> str:
    return timestamp(after=-timedelta(**time))


@pytest.mark.usefixtures("machine")
def test_an_obsolete_set_stays_until_it_is_due(aws: Recorded, executing: Executing) -> None:
    older, newer = executing.event(), executing.event(sequencer="0B", execution="second")
    executing.run(older)
    executing.run(newer)
    assert sweep()
    assert aws.keys() == sorted(executing.written_by(older) + executing.written_by(newer))
    (obsolete,) = aws.open_items()
    aws.change_open_item(obsolete, dueAt=ago(seconds=1))
    assert sweep()
    assert aws.keys() == executing.written_by(newer)


@pytest.mark.usefixtures("machine")
def test_a_removed_set_is_forgotten_once_no_function_can_write_to_it(aws: Recorded, executing: Executing) -> None:
    older = executing.event()
    executing.run(older)
    executing.run(executing.event(sequencer="0B", execution="second"))
    (obsolete,) = aws.open_items()
    aws.change_open_item(obsolete, dueAt=LONG_AGO)
    sweep()
    (swept,) = aws.open_items()
    executing.write(executing.set_of(older), name="late")
    aws.change_open_item(swept, sweptAt=ago(minutes=14))
    sweep()
    assert executing.keys_of(older) == []
    assert len(aws.open_items()) == 1
    executing.write(executing.set_of(older), name="later")
    aws.change_open_item(swept, sweptAt=ago(minutes=16))
    sweep()
    assert executing.keys_of(older) == []
    assert aws.open_items() == []


def test_the_attempt_of_a_running_execution_is_kept_at_any_age(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    arn = machine.start("p1/slow.jpg")
    event = executing.event("p1/slow.jpg", execution=arn)
    executing.render(event)
    aws.change_open_item(aws.open_items()[0], dueAt=LONG_AGO)
    assert sweep()
    assert aws.keys() == executing.written_by(event)
    machine.stop(arn)
    assert sweep()
    assert aws.keys() == []


@pytest.mark.parametrize(("minutes", "left"), [(14, 2), (16, 0)])
def test_the_attempt_of_an_ended_execution_is_removed_after_the_longest_function(
    aws: Recorded, executing: Executing, machine: StateMachine, minutes: int, left: int
) -> None:
    """Whichever way it ended: a rejection that Render made on its second try leaves what the first one wrote."""
    arn = machine.start("p1/done.jpg")
    machine.wait(arn)
    executing.render(executing.event("p1/done.jpg", execution=arn))
    aws.change_open_item(aws.open_items()[0], dueAt=ago(minutes=minutes))
    assert sweep()
    assert len(aws.keys()) == left


@pytest.mark.parametrize(("hours", "left"), [(23, 2), (25, 0)])
@pytest.mark.usefixtures("machine")
def test_the_attempt_of_a_replaced_state_machine_is_removed_after_the_longest_execution(
    aws: Recorded, executing: Executing, hours: int, left: int
) -> None:
    executing.render(executing.event(execution="of-another-state-machine"))
    aws.change_open_item(aws.open_items()[0], dueAt=ago(hours=hours))
    assert sweep()
    assert len(aws.keys()) == left


def test_an_execution_whose_event_was_lost_is_finished(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    failed, stopped = machine.fail(), machine.start("p1/slow.jpg")
    machine.stop(stopped)
    for key, arn in (("p1/broken.jpg", failed), ("p1/slow.jpg", stopped)):
        executing.claim(executing.event(key, execution=arn))
    assert sweep()
    assert sweep()
    for key in ("p1/broken.jpg", "p1/slow.jpg"):
        assert aws.upload_item(key)["status"] == {"S": "FAILED"}
    assert len(aws.events(expected=2)) == 2


def test_successful_and_running_executions_are_left_alone(
    aws: Recorded, executing: Executing, machine: StateMachine
) -> None:
    running, done = machine.start("p1/slow.jpg"), machine.start("p1/done.jpg")
    machine.wait(done)
    for key, arn in (("p1/slow.jpg", running), ("p1/done.jpg", done)):
        executing.claim(executing.event(key, execution=arn))
    assert sweep()
    for key in ("p1/slow.jpg", "p1/done.jpg"):
        assert aws.upload_item(key)["status"] == {"S": "PROCESSING"}
    machine.stop(running)


def test_one_failure_does_not_stop_the_others(
    aws: Recorded, executing: Executing, machine: StateMachine, make_s3_busy: Callable[[str], None]
) -> None:
    keys = [f"p{number}/broken.jpg" for number in range(3)]
    for key in keys:
        executing.claim(executing.event(key, execution=machine.fail(key)))
    stuck = keys[1]
    arn = aws.upload_item(stuck)["claimedBy"]["S"]
    executing.render(executing.event(stuck, execution=arn))
    make_s3_busy("ListObjectVersions")
    assert not sweep()
    statuses = [aws.upload_item(key)["status"]["S"] for key in keys]
    assert statuses == ["FAILED", "PROCESSING", "FAILED"]


def claim_of_express(aws: Recorded, executing: Executing, key: str, *, updated: str, **attributes: Any) -> None:
    executing.claim(executing.event(key, execution=EXPRESS))
    aws.change_upload(key, updatedAt=updated, **attributes)


def test_a_claim_of_an_express_execution_is_closed_when_it_must_have_ended(aws: Recorded, executing: Executing) -> None:
    claim_of_express(aws, executing, "p1/a.jpg", updated=ago(minutes=16))
    claim_of_express(aws, executing, "p1/b#c.jpg", updated=ago(minutes=16))
    claim_of_express(aws, executing, "p1/late.jpg", updated=ago(minutes=14))
    assert sweep()
    status = {key: aws.upload_item(key)["status"]["S"] for key in ("p1/a.jpg", "p1/b#c.jpg", "p1/late.jpg")}
    assert status == {"p1/a.jpg": "FAILED", "p1/b#c.jpg": "FAILED", "p1/late.jpg": "PROCESSING"}
    assert len(aws.events(expected=2)) == 2


def test_a_published_upload_that_an_express_execution_reprocessed_stays_published(
    aws: Recorded, executing: Executing
) -> None:
    first, again = executing.event(), executing.event(execution=EXPRESS)
    executing.run(first, version="v5")
    executing.claim(again, reprocess=True)
    aws.change_upload(updatedAt=ago(minutes=16))
    assert sweep()
    found = plain(aws.upload_item())
    assert (found["status"], "claimedBy" in found, "failure" in found) == ("PUBLISHED", False, True)
    assert aws.keys() == executing.written_by(first)


def test_an_express_workflow_closes_no_claim_of_another_in_the_same_table(aws: Recorded, executing: Executing) -> None:
    other = replace(executing, aws=replace(aws, workflow="images-of-another"))
    claim_of_express(other.aws, other, "p1/a.jpg", updated=ago(minutes=16))
    assert sweep()
    assert other.aws.upload_item()["status"] == {"S": "PROCESSING"}


@pytest.mark.parametrize(("minutes", "left"), [(14, 2), (16, 0)])
def test_the_attempt_of_an_express_execution_is_removed_when_it_must_have_ended(
    aws: Recorded, executing: Executing, minutes: int, left: int
) -> None:
    executing.render(executing.event(execution=EXPRESS))
    aws.change_open_item(aws.open_items()[0], dueAt=ago(minutes=minutes))
    assert sweep()
    assert len(aws.keys()) == left


def test_an_express_execution_that_ran_twice_under_one_arn_stays_published(aws: Recorded, executing: Executing) -> None:
    event = executing.event(execution=EXPRESS)
    executing.run(event)
    executing.render(event)
    aws.change_open_item(aws.open_items()[0], dueAt=ago(minutes=16))
    assert sweep()
    assert aws.keys() == executing.written_by(event)
    assert aws.open_items() == []


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("prefix", ["", "p1/", "p1/a.jpg/"])
def test_a_set_whose_item_names_another_prefix_removes_nothing(
    aws: Recorded, executing: Executing, prefix: str
) -> None:
    older, newer = executing.event(), executing.event(sequencer="0B", execution="second")
    executing.run(older)
    executing.run(newer)
    (obsolete,) = aws.open_items()
    aws.change_open_item(obsolete, dueAt=LONG_AGO, prefix=prefix)
    assert not sweep()
    assert aws.keys() == sorted(executing.written_by(older) + executing.written_by(newer))
