"""The executions of deployed workflows, as Step Functions lists and describes them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow, choose_workflow, deployed_workflows
from safelight_local.errors import UserError

RUNNING = "RUNNING"


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run of a workflow.

    Attributes
    ----------
    arn : str
        Its ARN.
    name : str
        The last part of the ARN.
    status : str
        ``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
    started : datetime
        When it began.
    stopped : datetime or None
        When it ended.
    event : dict
        Its input: the S3 event, as EventBridge delivered it.
    output : str or None
        JSON text; None where it did not succeed.
    error, cause : str or None
        What it failed with.
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

    Parameters
    ----------
    clients : Clients
        Where it is deployed.
    state_machine_arn : str
        The state machine.

    Returns
    -------
    dict[str, str]
        Execution ARN -> status, the latest started first.
    """
    pages = clients.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=state_machine_arn)
    return {item["executionArn"]: item["status"] for page in pages for item in page["executions"]}


def describe(clients: Clients, *, arn: str) -> Execution | None:
    """Read one execution.

    Parameters
    ----------
    clients : Clients
        Where it ran.
    arn : str
        Its ARN.

    Returns
    -------
    Execution or None
        None when there is no such execution.
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
        name=found["executionArn"].rpartition(":")[2],
        status=found["status"],
        started=found["startDate"],
        stopped=found.get("stopDate"),
        event=event if isinstance(event, dict) else {},
        output=found.get("output"),
        error=found.get("error"),
        cause=found.get("cause"),
    )


def list_executions(clients: Clients) -> Iterator[tuple[DeployedWorkflow, Execution]]:
    """Read the executions of all workflows.

    Parameters
    ----------
    clients : Clients
        Where they are deployed.

    Yields
    ------
    tuple[DeployedWorkflow, Execution]
        Workflow by workflow, the latest started first.

    Raises
    ------
    UserError
        When no workflow is deployed.
    """
    for workflow, arn in _every_arn(clients):
        execution = describe(clients.of(arn), arn=arn)
        if execution is not None:
            yield workflow, execution


def find_execution(clients: Clients, *, named: str) -> tuple[DeployedWorkflow, Execution]:
    """Find one execution among those of all workflows.

    Parameters
    ----------
    clients : Clients
        Where they are deployed.
    named : str
        Its name or ARN.

    Returns
    -------
    tuple[DeployedWorkflow, Execution]
        Its workflow, and itself.

    Raises
    ------
    UserError
        When there is no such execution, or no workflow.
    """
    for workflow, arn in _every_arn(clients):
        if named in (arn, arn.rpartition(":")[2]):
            execution = describe(clients.of(arn), arn=arn)
            if execution is not None:
                return workflow, execution
    raise UserError(f"there is no execution {named}: run `safelight executions` to list them")


def _every_arn(clients: Clients) -> Iterator[tuple[DeployedWorkflow, str]]:
    workflows = deployed_workflows(clients)
    if not workflows:
        choose_workflow(workflows)
    for workflow in workflows:
        there = clients.of(workflow.state_machine_arn)
        for arn in execution_statuses(there, state_machine_arn=workflow.state_machine_arn):
            yield workflow, arn
