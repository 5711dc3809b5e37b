"""Which executions the sweeper lists."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from awskit import clients
from awskit.executions import ended_without_outcome
from safelight_contracts.executions import LONGEST_EXECUTION

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:images"
LOOK_BACK = timedelta(hours=3)


def listed(name: str, *, started: timedelta, stopped: timedelta) -> dict[str, Any]:
    """An execution as ListExecutions gives it, by how long ago it started and stopped."""
    now = datetime.now(UTC)
    return {
        "executionArn": f"{MACHINE.replace('stateMachine', 'execution')}:{name}",
        "stateMachineArn": MACHINE,
        "name": name,
        "status": "FAILED",
        "startDate": now - started,
        "stopDate": now - stopped,
    }


@pytest.mark.parametrize(("last_started", "found"), [(timedelta(hours=4), ["long"]), (timedelta(hours=28), [])])
def test_pages_are_read_until_no_execution_can_have_ended_lately(
    monkeypatch: pytest.MonkeyPatch, last_started: timedelta, found: list[str]
) -> None:
    """Step Functions lists executions by their start. A fake, because the emulator's executions all start now."""
    client: Any = boto3.client(
        "stepfunctions", region_name="us-east-1", aws_access_key_id="f", aws_secret_access_key="f"
    )
    monkeypatch.setattr(clients, "stepfunctions", lambda: client)
    short = listed("short", started=last_started, stopped=last_started - timedelta(minutes=1))
    long = listed("long", started=LOOK_BACK + LONGEST_EXECUTION - timedelta(hours=4), stopped=timedelta(hours=1))
    with Stubber(client) as fake:
        fake.add_response("list_executions", {"executions": [short], "nextToken": "next"})
        if found:
            fake.add_response("list_executions", {"executions": [long]})
        for _ in ("TIMED_OUT", "ABORTED"):
            fake.add_response("list_executions", {"executions": []})
        assert [arn.rpartition(":")[2] for arn in ended_without_outcome(MACHINE, within=LOOK_BACK)] == found
        fake.assert_no_pending_responses()
