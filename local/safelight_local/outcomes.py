"""The executions of workflows, with the outcomes of their uploads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safelight_contracts.records import upload_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import Execution, describe_all, execution_statuses
from safelight_local.aws.records import Record, json_object, read_items
from safelight_local.aws.uploads import Progress
from safelight_local.console.outcome import Outcome, outcome_of


@dataclass(frozen=True, kw_only=True)
class ListedExecution:
    """An execution and the outcome of its upload.

    `execution`: as Step Functions describes it.
    """

    workflow: DeployedWorkflow
    execution: Execution
    outcome: Outcome

    def as_json(self) -> dict[str, Any]:
        """Convert it to plain values."""
        return {
            "execution": self.execution.name,
            "arn": self.execution.arn,
            "workflow": self.workflow.workflow_id,
            "key": self.execution.upload.get("key"),
            "status": self.execution.status,
            "outcome": self.outcome.status,
            "reason": self.outcome.reason,
            "started": _time(self.execution.started),
            "stopped": _time(self.execution.stopped),
            "seconds": self.execution.seconds,
        }


def list_executions(clients: Clients, *, workflows: Sequence[DeployedWorkflow]) -> list[ListedExecution]:
    """Read all executions of workflows, and their outcomes.

    The latest started comes first.
    """
    found = [it for workflow in workflows for it in _of_workflow(clients.of(workflow.state_machine_arn), workflow)]
    return sorted(found, key=lambda it: it.execution.started, reverse=True)


def recorded_by_another(execution: Execution, *, record: Record | None) -> str | None:
    """Return the ARN of the execution that wrote an upload's record, if that is another one.

    `execution`: one of the upload.
    `record`: the record of the upload.

    Result: None if this execution wrote it, if it does not say which did, or if there is none.
    """
    if record is None or record.execution_arn == execution.arn:
        return None
    return record.execution_arn


def record_of_execution(execution: Execution, *, record: Record | None) -> Record | None:
    """Return what an execution recorded of its upload.

    `record`: the record of the upload.

    Result: what the execution says of itself, if another one has written the record since, such as a retry.
    """
    if record is None or recorded_by_another(execution, record=record) is None:
        return record
    own = outcome_of(execution, record=None)
    if own.status is None:
        return None
    cause = execution.cause or ""
    return Record(
        status=own.status, reason=own.reason, execution_arn=execution.arn, detail=cause, renditions=(), checks=()
    )


def progress_as_json(item: Progress, *, workflow: DeployedWorkflow) -> dict[str, Any]:
    """Convert an upload, its execution and its record to plain values.

    What is not known yet is None, or an empty list.
    """
    execution, record = item.execution, item.record
    return {
        "execution": execution.name if execution else None,
        "arn": execution.arn if execution else None,
        "workflow": workflow.workflow_id,
        "key": item.upload.key,
        "status": execution.status if execution else None,
        "outcome": record.status if record else None,
        "recordedBy": item.recorded_by,
        "reason": record.reason if record else None,
        "detail": json_object(record.detail) if record else {},
        "started": _time(execution.started) if execution else None,
        "stopped": _time(execution.stopped) if execution else None,
        "seconds": execution.seconds if execution else None,
        "states": [{"state": it.state, "seconds": it.seconds} for it in item.states],
        "checks": list(record.checks) if record else [],
        "renditions": list(record.renditions) if record else [],
    }


def _of_workflow(clients: Clients, workflow: DeployedWorkflow) -> list[ListedExecution]:
    arns = list(execution_statuses(clients, state_machine_arn=workflow.state_machine_arn))
    executions = list(describe_all(clients, arns=arns))
    keys = {
        it.arn: upload_key(it.upload["key"], workflow=workflow.workflow_id, sequencer=it.upload.get("sequencer", ""))
        for it in executions
        if it.upload.get("key")
    }
    records = read_items(clients, workflow=workflow, names=keys.values())
    return [
        ListedExecution(
            workflow=workflow,
            execution=it,
            outcome=outcome_of(it, record=records.get(keys[it.arn]) if it.arn in keys else None),
        )
        for it in executions
    ]


def _time(when: datetime | None) -> str | None:
    return when.isoformat(timespec="milliseconds") if when else None
