"""Runs a workflow again for past uploads, by the state machine that the app deployed for it."""

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from safelight_contracts.records import reprocess_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow, outputs_of_constructs
from safelight_local.aws.records import to_dynamodb
from safelight_local.errors import UserError

_POLL_SECONDS = 0.5
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
_OUTPUT = re.compile(r"(?P<construct>.+?)(?P<output>ReprocessorArn|ReprocessedWorkflowArn)[0-9A-F]{8}")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which uploads are run again.

    `since`: when the oldest of them was stored; None takes all.
    """

    prefix: str
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a reprocess.

    `status`: ``RUNNING``, ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
    `outcomes`: Status -> how many uploads have it so far.
    """

    arn: str
    status: str
    outcomes: Mapping[str, int]

    @property
    def name(self) -> str:
        """The last part of the ARN. ``detail.reprocess`` holds it as an id."""
        return self.arn.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Count:
    """How much a run would process.

    `uploads`: Objects in a storage class that can be read.
    `size`: Their bytes.
    `archived`: Objects in an archive storage class. They are skipped unless they were restored.
    """

    uploads: int
    size: int
    archived: int


def parse_since(text: str) -> datetime:
    """Parse a date or a time.

    `text`: ISO 8601, such as ``2026-01-31`` or ``2026-01-31T12:00:00+01:00``; UTC by default.

    Result: in UTC. Raises ValueError if it is neither.
    """
    try:
        when = datetime.combine(date.fromisoformat(text), datetime.min.time())
    except ValueError:
        when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def select(*, workflow: DeployedWorkflow, prefix: str | None, since: datetime | None) -> Selection:
    """Say which uploads of a workflow are run again.

    `prefix`: what their keys begin with, the workflow's own prefix included. None takes every upload of the workflow.
    `since`: when the oldest of them was stored. None takes all.

    Raises UserError if the prefix is outside of the workflow's own.
    """
    if prefix is not None and not prefix.startswith(workflow.key_prefix):
        raise UserError(
            f"--prefix {prefix} is outside of {workflow.key_prefix}, under which uploads start {workflow.name}"
        )
    return Selection(prefix=workflow.key_prefix if prefix is None else prefix, since=since)


def count_uploads(clients: Clients, *, workflow: DeployedWorkflow, selection: Selection) -> Count:
    """Count what a run would process, and start nothing.

    Result: without folder markers.
    """
    pages = clients.s3.get_paginator("list_objects_v2").paginate(Bucket=workflow.upload_bucket, Prefix=selection.prefix)
    chosen = [
        item
        for page in pages
        for item in page.get("Contents", [])
        if (selection.since is None or item["LastModified"] >= selection.since)
        and (item["Size"] or not item["Key"].endswith("/"))
    ]
    readable = [item for item in chosen if item.get("StorageClass") not in _ARCHIVES]
    return Count(
        uploads=len(readable), size=sum(item["Size"] for item in readable), archived=len(chosen) - len(readable)
    )


def start_run(clients: Clients, *, workflow: DeployedWorkflow, selection: Selection, concurrency: int | None) -> Run:
    """Start a run.

    `concurrency`: how many at once, at most what the app allows. None uses what the app allows.

    Result: It has begun. Raises UserError if the app has no ``Reprocess`` of this workflow.
    """
    wanted = {
        "prefix": selection.prefix,
        "since": f"{selection.since:%Y-%m-%dT%H:%M:%SZ}" if selection.since else None,
        "concurrency": concurrency,
    }
    started = clients.stepfunctions.start_execution(
        stateMachineArn=reprocessor(clients, workflow=workflow),
        name=f"reprocess-{uuid.uuid4()}",
        input=json.dumps({name: value for name, value in wanted.items() if value is not None}),
    )
    return Run(arn=started["executionArn"], status="RUNNING", outcomes={})


def follow_run(clients: Clients, *, workflow: DeployedWorkflow, run: Run, changed: Callable[[Run], None]) -> Run:
    """Wait until a run has ended.

    Result: with all its outcomes. Raises UserError if the run fails or is stopped, with the reason.
    """
    while True:
        described = clients.stepfunctions.describe_execution(executionArn=run.arn)
        latest = Run(
            arn=run.arn, status=described["status"], outcomes=_outcomes(clients, workflow=workflow, name=run.name)
        )
        changed(latest)
        if latest.status == "SUCCEEDED":
            return latest
        if latest.status != "RUNNING":
            why = ": ".join(filter(None, [described.get("error"), described.get("cause")]))
            raise UserError(f"{run.name} {latest.status}: {why or 'Step Functions does not say why'}")
        time.sleep(_POLL_SECONDS)


def reprocessor(clients: Clients, *, workflow: DeployedWorkflow) -> str:
    """Find the state machine that runs a workflow again.

    Raises UserError if the app has no ``Reprocess`` of this workflow.
    """
    for outputs in outputs_of_constructs(clients, pattern=_OUTPUT).values():
        if outputs.get("ReprocessedWorkflowArn") == workflow.state_machine_arn:
            return outputs["ReprocessorArn"]
    raise UserError(
        f"the app has no Reprocess of {workflow.name}: add Reprocess(stack, ..., workflow=...) and deploy it again"
    )


def _outcomes(clients: Clients, *, workflow: DeployedWorkflow, name: str) -> dict[str, int]:
    answer: Any = clients.dynamodb.get_item(
        TableName=workflow.records_table,
        Key=to_dynamodb(reprocess_key(name)),
        ConsistentRead=True,
    )
    return {status: int(value["N"]) for status, value in sorted(answer.get("Item", {}).items()) if "N" in value}
