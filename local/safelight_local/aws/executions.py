"""The executions of deployed workflows, as Step Functions lists and describes them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.errors import UserError

RUNNING = "RUNNING"
_CALLS_AT_ONCE = 8
_BATCH = 50


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run of a workflow.

    `name`: the last part of the ARN.
    `status`: ``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
    `event`: its input: the S3 event, as EventBridge delivered it.
    `output`: JSON text; None where it did not succeed.
    """

    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None
    event: dict[str, Any]
    output: str | None = None
    error: str | None = None
    cause: str | None = None

    @property
    def upload(self) -> dict[str, Any]:
        """The event's ``detail.object``: ``key``, ``size``, ``etag``, ``sequencer``; empty for other input."""
        detail = self.event.get("detail")
        found = detail.get("object") if isinstance(detail, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def seconds(self) -> float | None:
        """How long it ran; None while it runs."""
        return (self.stopped - self.started).total_seconds() if self.stopped else None


def execution_statuses(clients: Clients, *, state_machine_arn: str) -> dict[str, str]:
    """List the executions of a state machine, those that an alias or a version of it started too.

    Returns a dictionary: execution ARN -> status, the latest started first.
    """
    pages = clients.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=state_machine_arn)
    return {item["executionArn"]: item["status"] for page in pages for item in page["executions"]}


def describe(clients: Clients, *, arn: str) -> Execution | None:
    """Read one execution.

    Returns None when there is no such execution.
    """
    try:
        found = clients.stepfunctions.describe_execution(executionArn=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ExecutionDoesNotExist", "InvalidArn"):
            return None
        raise
    try:
        event = json.loads(found.get("input", "{}"))
    except json.JSONDecodeError:
        event = {}
    return Execution(
        arn=found["executionArn"],
        name=_name(found["executionArn"]),
        status=found["status"],
        started=found["startDate"],
        stopped=found.get("stopDate"),
        event=event if isinstance(event, dict) else {},
        output=found.get("output"),
        error=found.get("error"),
        cause=found.get("cause"),
    )


def describe_all(clients: Clients, *, arns: Sequence[str]) -> Iterator[Execution]:
    """Read executions, several at once.

    `arns`: Their ARNs.

    Result: in the order of the ARNs, without those that do not exist. Those after the last one that is taken may not
    have been read.
    """
    with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="describe") as threads:
        for first in range(0, len(arns), _BATCH):
            batch = arns[first : first + _BATCH]
            yield from filter(None, threads.map(lambda arn: describe(clients.of(arn), arn=arn), batch))


def find_execution(
    clients: Clients, *, named: str, workflows: Sequence[DeployedWorkflow]
) -> tuple[DeployedWorkflow, Execution]:
    """Find one execution among those of workflows.

    `named`: its ARN, its name, the beginning of its name, or the key of its upload. A key stands for its latest
    execution.

    Raises UserError if there is no such execution, or the names of several begin so.
    """
    listed = {
        arn: workflow
        for workflow in workflows
        for arn in execution_statuses(
            clients.of(workflow.state_machine_arn), state_machine_arn=workflow.state_machine_arn
        )
    }
    fitting = [arn for arn in listed if named in (arn, _name(arn))] or [
        arn for arn in listed if _name(arn).startswith(named)
    ]
    if len(fitting) > 1:
        raise UserError(f"the names of {len(fitting)} executions begin with {named}: give more of the name")
    found = next(describe_all(clients, arns=fitting), None) if fitting else _latest_of(clients, key=named, arns=listed)
    if found is None:
        raise UserError(f"there is no execution {named}: run `safelight executions` to list them")
    return listed[found.arn], found


def _latest_of(clients: Clients, *, key: str, arns: Iterable[str]) -> Execution | None:
    executions = describe_all(clients, arns=list(arns))
    return max((it for it in executions if it.upload.get("key") == key), key=lambda it: it.started, default=None)


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]
