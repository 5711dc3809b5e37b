"""Executions of a workflow: whether they have ended, and which upload started them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.storage import ServiceBusy
from awskit.transient_errors import transient_errors_as
from safelight_contracts.executions import LONGEST_EXECUTION

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

_ENDED_WITHOUT_OUTCOME: "tuple[ExecutionStatusType, ...]" = ("FAILED", "TIMED_OUT", "ABORTED")
_UNDER_WAY = {"RUNNING", "PENDING_REDRIVE"}


@dataclass(frozen=True, kw_only=True)
class Execution:
    """An execution of a Standard state machine.

    `started_by`: the execution's input. None if Step Functions has forgotten it.
    `error`, `cause`: the error that the execution failed with, if Step Functions names one.
    `is_duplicate`: whether it succeeded because the upload already had its outcome. This is also true of an execution
    that is redriven after it recorded that outcome.
    """

    arn: str
    status: str
    started_by: dict[str, Any] | None
    error: str | None
    cause: str | None
    is_duplicate: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether the execution may still write something."""
        return self.status in _UNDER_WAY


def describe(arn: str) -> Execution:
    """Describe an execution. An execution that Step Functions has forgotten has the status `FORGOTTEN`.

    Raises ServiceBusy if Step Functions is temporarily unavailable.
    """
    states = clients.stepfunctions()
    try:
        with transient_errors_as(ServiceBusy):
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
    """Return whether an execution belongs to a state machine, by their ARNs.

    The ARNs are `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME` and `...:execution:NAME:ID`.
    """
    return execution.startswith(state_machine.replace(":stateMachine:", ":execution:") + ":")


def ended_without_outcome(state_machine: str, *, within: timedelta) -> Iterator[str]:
    """List the ARNs of executions that failed, timed out or were stopped.

    Raises ServiceBusy if Step Functions is temporarily unavailable.
    """
    since = datetime.now(UTC) - within
    for status in _ENDED_WITHOUT_OUTCOME:
        pages = (
            clients.stepfunctions()
            .get_paginator("list_executions")
            .paginate(stateMachineArn=state_machine, statusFilter=status)
        )
        with transient_errors_as(ServiceBusy):
            for page in pages:
                yield from (found["executionArn"] for found in page["executions"] if found["stopDate"] >= since)
                # Step Functions lists the executions by their start, the newest first.
                if page["executions"] and page["executions"][-1]["startDate"] < since - LONGEST_EXECUTION:
                    break
