"""What the functions and the state machine of a workflow have written to CloudWatch Logs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef
    from mypy_boto3_logs import CloudWatchLogsClient

# The logical id of a log group: the workflow's, the name of what writes to it, and the hash of the CDK.
_LOGS = re.compile(r"(?P<writer>.+)Logs[0-9A-F]{8}")
_HASH = re.compile(r"[0-9A-F]{8}$")
_MILLISECONDS = 1000


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """A log group of a workflow.

    Attributes
    ----------
    writer : str
        What writes to it, such as ``Moderation`` or ``StateMachine``.
    name : str
        Its name.
    """

    writer: str
    name: str


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One event of a log group.

    Attributes
    ----------
    time : datetime
        When it was written, in UTC.
    writer : str
        The writer of its log group.
    message : str
        Its text, often JSON.
    id : str
        Its id.
    """

    time: datetime
    writer: str
    message: str
    id: str


def log_groups(clients: Clients, *, workflow: DeployedWorkflow, others: Sequence[DeployedWorkflow]) -> list[LogGroup]:
    """List the log groups of a workflow, and of all other functions of its stacks, such as the user's own checks.

    Parameters
    ----------
    clients : Clients
        Where it is deployed.
    workflow : DeployedWorkflow
        The workflow.
    others : Sequence[DeployedWorkflow]
        Other workflows. What is theirs is left out.

    Returns
    -------
    list[LogGroup]
        In order of their writers. A group does not exist before its function has run.
    """
    owners = {workflow.name: workflow} | {it.name: it for it in others if it.stack == workflow.stack}
    resources = [
        it
        for it in _resources(clients, workflow=workflow)
        if _owner(it["LogicalResourceId"], owners) in (None, workflow)
    ]
    found = {}
    for it in resources:
        id = it["LogicalResourceId"]
        match = _LOGS.fullmatch(id.removeprefix(workflow.name))
        if it["ResourceType"] == "AWS::Logs::LogGroup" and match and id.startswith(workflow.name):
            found[it["PhysicalResourceId"]] = match["writer"]
    for it in resources:
        if it["ResourceType"] == "AWS::Lambda::Function":
            settings = clients.lambda_.get_function_configuration(FunctionName=it["PhysicalResourceId"])
            name = settings.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{settings['FunctionName']}")
            found.setdefault(name, _HASH.sub("", it["LogicalResourceId"].removeprefix(workflow.name)))
    return sorted((LogGroup(writer=writer, name=name) for name, writer in found.items()), key=lambda it: it.writer)


def _resources(clients: Clients, *, workflow: DeployedWorkflow) -> Iterator["StackResourceSummaryTypeDef"]:
    """Yield the resources of a workflow's stack, and of the stacks that it is nested with."""
    (stack,) = clients.cloudformation.describe_stacks(StackName=workflow.stack)["Stacks"]
    waiting = [stack.get("RootId", workflow.stack)]
    for name in waiting:
        for page in clients.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
            for resource in page["StackResourceSummaries"]:
                if resource["ResourceType"] == "AWS::CloudFormation::Stack":
                    waiting.append(resource["PhysicalResourceId"])
                yield resource


def _owner(id: str, workflows: Mapping[str, DeployedWorkflow]) -> DeployedWorkflow | None:
    """Return the workflow whose name a logical id begins with. One name can begin with another."""
    name = max((it for it in workflows if id.startswith(it)), key=len, default=None)
    return None if name is None else workflows[name]


def read_lines(logs: "CloudWatchLogsClient", *, group: LogGroup, since: datetime) -> Iterator[LogLine]:
    """Read the events of a log group: none, if it does not exist yet.

    Parameters
    ----------
    logs : CloudWatchLogsClient
        Where the log group is.
    group : LogGroup
        The log group.
    since : datetime
        The time of the oldest event.

    Yields
    ------
    LogLine
        In the order in which CloudWatch Logs returns them.
    """
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group.name, startTime=int(since.timestamp() * _MILLISECONDS)
    )
    with suppress(logs.exceptions.ResourceNotFoundException):
        for page in pages:
            for event in page["events"]:
                yield LogLine(
                    time=datetime.fromtimestamp(event["timestamp"] / _MILLISECONDS, tz=UTC),
                    writer=group.writer,
                    message=event["message"].rstrip("\n"),
                    id=event.get("eventId") or f"{event['logStreamName']} {event['timestamp']} {event['message']}",
                )
