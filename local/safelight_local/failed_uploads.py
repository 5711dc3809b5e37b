"""The uploads that failed in a run of a reprocess, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from safelight_contracts.records import Status
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import Execution, describe_all, execution_statuses
from safelight_local.aws.records import json_object, read_record
from safelight_local.aws.reprocess import Run
from safelight_local.console.explanation import in_words
from safelight_local.outcomes import record_of_execution


@dataclass(frozen=True, kw_only=True)
class FailedUpload:
    """An upload that failed.

    `cause`: in words: the name of the error and its message. Empty if nothing says it.
    """

    key: str
    cause: str


def failed_uploads(clients: Clients, *, workflow: DeployedWorkflow, run: Run) -> list[FailedUpload]:
    """List the uploads that failed in a run, in order of their keys.

    `run`: of a reprocess of the workflow. It has ended.
    """
    errors = {it["key"]: it.get("error") for it in _results(clients, run=run) if it.get("status") == Status.FAILED}
    causes = _causes(clients, workflow=workflow, run=run) if errors else {}
    return [FailedUpload(key=key, cause=causes.get(key) or _words(error)) for key, error in sorted(errors.items())]


def _results(clients: Clients, *, run: Run) -> Iterator[Mapping[str, Any]]:
    """Read the outputs of the child executions, of which there is one for each object."""
    map_runs = clients.stepfunctions.get_paginator("list_map_runs").paginate(executionArn=run.arn)
    for map_run in (it for page in map_runs for it in page["mapRuns"]):
        pages = clients.stepfunctions.get_paginator("list_executions").paginate(mapRunArn=map_run["mapRunArn"])
        arns = [it["executionArn"] for page in pages for it in page["executions"]]
        outputs = (json_object(it.output) for it in describe_all(clients, arns=arns))
        yield from (it for it in outputs if "key" in it)


def _causes(clients: Clients, *, workflow: DeployedWorkflow, run: Run) -> dict[str, str]:
    """Find why the executions that a run started have failed. The result of a child has their input in its cause."""
    arns = list(execution_statuses(clients, state_machine_arn=workflow.state_machine_arn))
    return {
        it.upload["key"]: _cause(clients, workflow=workflow, execution=it)
        for it in describe_all(clients, arns=arns)
        if _reprocess_id(it) == run.name and it.upload.get("key")
    }


def _reprocess_id(execution: Execution) -> object:
    detail = execution.event.get("detail")
    reprocess = detail.get("reprocess") if isinstance(detail, dict) else None
    return reprocess.get("id") if isinstance(reprocess, dict) else None


def _cause(clients: Clients, *, workflow: DeployedWorkflow, execution: Execution) -> str:
    upload = execution.upload
    record = read_record(clients, workflow=workflow, key=upload["key"], sequencer=upload.get("sequencer", ""))
    own = record_of_execution(execution, record=record)
    name, detail = (own.reason, own.detail) if own else (execution.error, execution.cause)
    return _joined(name, detail)


def _words(error: object) -> str:
    return _joined(error.get("name"), error.get("cause")) if isinstance(error, dict) else ""


def _joined(name: object, detail: object) -> str:
    return ": ".join(filter(None, [str(name or ""), in_words(detail or "")]))
