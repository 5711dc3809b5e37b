"""Executions of a workflow: whether they have ended, and which upload started them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.storage import StorageBusy
from awskit.transient_errors import transient_errors_as

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

_ENDED_WITHOUT_OUTCOME: "tuple[ExecutionStatusType, ...]" = ("FAILED", "TIMED_OUT", "ABORTED")
_UNDER_WAY = {"RUNNING", "PENDING_REDRIVE"}
LONGEST_EXECUTION = timedelta(days=1)
"""The state machines' own TimeoutSeconds."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """An execution of a Standard state machine.

    Attributes
    ----------
    arn
        Its ARN.
    status
        Step Functions' own word.
    started_by
        Its input; None where Step Functions has forgotten it.
    error, cause
        What it failed with, as far as Step Functions says.
    is_duplicate
        Whether it succeeded by finding that the upload has its outcome. So does an execution that is redriven after it
        recorded that outcome.
    """

    arn: str
    status: str
    started_by: dict[str, Any] | None
    error: str | None
    cause: str | None
    is_duplicate: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether it may still write something."""
        return self.status in _UNDER_WAY


def describe(arn: str) -> Execution:
    """Look at an execution. One that Step Functions has forgotten has the status `FORGOTTEN`.

    Raises
    ------
    StorageBusy
        When Step Functions cannot answer just now.
    """
    states = clients.stepfunctions()
    try:
        with transient_errors_as(StorageBusy):
            found = states.describe_execution(executionArn=arn)
    except states.exceptions.ExecutionDoesNotExist:
        return Execution(arn=arn, status="FORGOTTEN", started_by=None, error=None, cause=None)
    return Execution(
        arn=arn,
        status=found["status"],
        started_by=json.loads(found["input"]) if "input" in found else None,
        error=found.get("error"),
        cause=found.get("cause"),
        is_duplicate=json.loads(found.get("output") or "{}").get("status") == "DUPLICATE",
    )


def is_execution_of(state_machine: str, *, execution: str) -> bool:
    """Tell whether an execution is of a state machine, by their ARNs.

    They are `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME` and `...:execution:NAME:ID`.
    """
    return execution.startswith(state_machine.replace(":stateMachine:", ":execution:") + ":")


def ended_without_outcome(state_machine: str, *, within: timedelta) -> Iterator[str]:
    """List the ARNs of executions that failed, timed out or were stopped.

    Parameters
    ----------
    state_machine
        The state machine's ARN.
    within
        How long ago they ended at most.

    Raises
    ------
    StorageBusy
        When Step Functions cannot answer just now.
    """
    since = datetime.now(UTC) - within
    for status in _ENDED_WITHOUT_OUTCOME:
        pages = (
            clients.stepfunctions()
            .get_paginator("list_executions")
            .paginate(stateMachineArn=state_machine, statusFilter=status)
        )
        with transient_errors_as(StorageBusy):
            for page in pages:
                yield from (found["executionArn"] for found in page["executions"] if found["stopDate"] >= since)
                # The newest come first, by the time of their start.
                if page["executions"] and page["executions"][-1]["startDate"] < since - LONGEST_EXECUTION:
                    break
