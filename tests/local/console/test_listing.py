from collections.abc import Callable
from typing import Any

import pytest
from tests.local.emulator_clients import wait_until
from tests.local.small_workflow import deploy_small_workflow, start, wait_until_ended

from safelight_contracts.records import Status
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.records import seed_place
from safelight_local.console.listing import ExecutionList
from safelight_local.emulator.process import Emulator


@pytest.fixture(scope="module")
def workflow(emulator: Emulator) -> DeployedWorkflow:
    return deploy_small_workflow(emulator.endpoints, stack="Listed", key_prefix="in/")


@pytest.fixture
def executions(emulator: Emulator, workflow: DeployedWorkflow) -> ExecutionList:
    return ExecutionList(emulator.endpoints, workflow=workflow, seconds_between=0)


def rows_when(executions: ExecutionList, condition: Callable[[dict[str, Any]], bool], *, key: str) -> dict[str, Any]:
    """Poll until the row of a key matches."""
    since, known = 0, dict[str, dict[str, Any]]()

    def matches() -> bool:
        nonlocal since
        answer = executions.changes(since=since)
        since = answer["version"]
        known.update({row["key"]: row for row in answer["rows"]})
        return key in known and condition(known[key])

    wait_until(matches)
    return known[key]


def read(row: dict[str, Any]) -> bool:
    return bool(row["read"] and row["status"] != "RUNNING")


RENDITIONS = [("scaled", 9000), ("tile", 700)]


def put_record(emulator: Emulator, workflow: DeployedWorkflow, *, key: str, arn: str, status: str, reason: str) -> None:
    item = {
        "pk": f"IMAGE#{workflow.workflow_id}#{key}",
        "sk": f"UPLOAD#{'01':0>32}",
        "status": status,
        "reason": reason,
        "executionArn": arn,
    }
    emulator.endpoints.dynamodb.put_item(
        TableName=workflow.records_table,
        Item={name: {"S": value} for name, value in item.items()}
        | {
            "renditions": {
                "L": [
                    {"M": {"name": {"S": name}, "key": {"S": f"{key}/{name}"}, "bytes": {"N": str(size)}}}
                    for name, size in RENDITIONS
                ]
            }
        },
    )


def test_an_execution_is_listed_with_its_key_place_type_and_outcome(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList
) -> None:
    seed_place(emulator.endpoints, workflow=workflow, place_id="lido", place_type="swimming pool", name="Lido")
    arn = start(emulator.endpoints, workflow=workflow, key="in/lido/a.jpg")
    put_record(emulator, workflow, key="in/lido/a.jpg", arn=arn, status="REJECTED", reason="IMAGE_TOO_SMALL")
    wait_until_ended(emulator.endpoints, arn=arn)
    row = rows_when(executions, read, key="in/lido/a.jpg")
    assert (row["arn"], row["status"]) == (arn, "SUCCEEDED")
    assert (row["place_id"], row["place_type"]) == ("lido", "swimming pool")
    assert (row["outcome"], row["reason"]) == ("REJECTED", "IMAGE_TOO_SMALL")
    assert row["started"] <= row["stopped"]


def test_an_upload_directly_under_the_prefix_belongs_to_the_place_that_its_workflow_looks_up(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList
) -> None:
    seed_place(emulator.endpoints, workflow=workflow, place_id="alone.jpg", place_type="park", name="Alone")
    start(emulator.endpoints, workflow=workflow, key="in/alone.jpg")
    row = rows_when(executions, read, key="in/alone.jpg")
    assert (row["place_id"], row["place_type"]) == ("alone.jpg", "park")


def test_a_record_of_another_execution_is_not_the_outcome_of_this_one(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList
) -> None:
    arn = start(emulator.endpoints, workflow=workflow, key="in/p/again.jpg", answer={"status": "DUPLICATE"})
    put_record(emulator, workflow, key="in/p/again.jpg", arn="another", status="PUBLISHED", reason="none")
    wait_until_ended(emulator.endpoints, arn=arn)
    row = rows_when(executions, read, key="in/p/again.jpg")
    assert (row["outcome"], row["thumbnail"]) == ("DUPLICATE", None)


def test_the_thumbnail_of_a_published_upload_is_its_smallest_rendition(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList
) -> None:
    arn = start(emulator.endpoints, workflow=workflow, key="in/p/thumbnail.jpg")
    put_record(emulator, workflow, key="in/p/thumbnail.jpg", arn=arn, status="PUBLISHED", reason="")
    wait_until_ended(emulator.endpoints, arn=arn)
    assert rows_when(executions, read, key="in/p/thumbnail.jpg")["thumbnail"] == "rendition/tile"
    thumbnail = executions.thumbnail(arn=arn)
    assert thumbnail is not None
    assert (thumbnail.bucket, thumbnail.key) == (workflow.published_bucket, "in/p/thumbnail.jpg/tile")


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PUBLISHED}))
def test_an_upload_that_is_not_published_has_no_thumbnail(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList, status: str
) -> None:
    key = f"in/p/{status}.jpg"
    arn = start(emulator.endpoints, workflow=workflow, key=key, answer={"status": "PUBLISHED"})
    put_record(emulator, workflow, key=key, arn=arn, status=status, reason="none")
    wait_until_ended(emulator.endpoints, arn=arn)
    assert rows_when(executions, read, key=key)["thumbnail"] is None
    assert executions.thumbnail(arn=arn) is None


def test_an_unrecorded_failure_is_reported_with_its_error(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList
) -> None:
    arn = start(emulator.endpoints, workflow=workflow, key="in/p/broken.jpg")
    wait_until_ended(emulator.endpoints, arn=arn)
    row = rows_when(executions, read, key="in/p/broken.jpg")
    assert (row["status"], row["outcome"], row["reason"]) == ("FAILED", "NOT RECORDED", "Broken")


def test_a_running_execution_has_no_outcome(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList
) -> None:
    arn = start(emulator.endpoints, workflow=workflow, key="in/p/slow.jpg")
    running = rows_when(executions, lambda row: bool(row["read"]), key="in/p/slow.jpg")
    assert (running["status"], running["outcome"], running["stopped"]) == ("RUNNING", None, None)
    emulator.endpoints.stepfunctions.stop_execution(executionArn=arn)
    ended = rows_when(executions, read, key="in/p/slow.jpg")
    assert (ended["status"], ended["outcome"]) == ("ABORTED", "NOT RECORDED")


def test_unchanged_rows_are_not_sent_again(
    emulator: Emulator, workflow: DeployedWorkflow, executions: ExecutionList
) -> None:
    arn = start(emulator.endpoints, workflow=workflow, key="in/p/once.jpg")
    wait_until_ended(emulator.endpoints, arn=arn)
    rows_when(executions, read, key="in/p/once.jpg")
    wait_until(lambda: not executions.changes(since=0)["unread"])
    version = executions.changes(since=0)["version"]
    assert executions.changes(since=version)["rows"] == []


@pytest.mark.parametrize("kind", ["ended", "slow"])
def test_a_refresh_of_many_executions_takes_few_calls(emulator: Emulator, kind: str) -> None:
    workflow = deploy_small_workflow(emulator.endpoints, stack=f"Many-{kind}")
    executions = ExecutionList(emulator.endpoints, workflow=workflow, seconds_between=0)
    for number in range(120):
        start(emulator.endpoints, workflow=workflow, key=f"{kind}/{number}.jpg")
    wait_until(lambda: settled(executions, running=120 if kind == "slow" else 0))
    calls: list[str] = []
    events = emulator.endpoints.stepfunctions.meta.events
    events.register("before-call.*.*", lambda model, **_: calls.append(model.name), unique_id="counted")
    executions.changes(since=0)
    events.unregister("before-call.*.*", unique_id="counted")
    assert calls == ["ListExecutions"]


def settled(executions: ExecutionList, *, running: int) -> bool:
    answer = executions.changes(since=0)
    statuses = [row["status"] for row in answer["rows"]]
    return answer["unread"] == 0 and len(statuses) == 120 and statuses.count("RUNNING") == running
