"""What the functions and the state machine of a workflow have written to CloudWatch Logs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

# The logical id of a log group: the workflow's, the name of what writes to it, and the hash of the CDK.
_LOGS = re.compile(r"(?P<writer>.+)Logs[0-9A-F]{8}")
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


def log_groups(clients: Clients, *, workflow: DeployedWorkflow) -> list[LogGroup]:
    """List the log groups of a workflow.

    Parameters
    ----------
    clients : Clients
        Where it is deployed.
    workflow : DeployedWorkflow
        The workflow.

    Returns
    -------
    list[LogGroup]
        In order of their writers.
    """
    pages = clients.cloudformation.get_paginator("list_stack_resources").paginate(StackName=workflow.stack)
    found = []
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            id = resource["LogicalResourceId"]
            match = _LOGS.fullmatch(id.removeprefix(workflow.name))
            if resource["ResourceType"] == "AWS::Logs::LogGroup" and match and id.startswith(workflow.name):
                found.append(LogGroup(writer=match["writer"], name=resource["PhysicalResourceId"]))
    return sorted(found, key=lambda group: group.writer)


def read_lines(logs: "CloudWatchLogsClient", *, group: LogGroup, since: datetime) -> Iterator[LogLine]:
    """Read the events of a log group.

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
    for page in pages:
        for event in page["events"]:
            yield LogLine(
                time=datetime.fromtimestamp(event["timestamp"] / _MILLISECONDS, tz=UTC),
                writer=group.writer,
                message=event["message"].rstrip("\n"),
                id=event.get("eventId") or f"{event['logStreamName']} {event['timestamp']} {event['message']}",
            )
