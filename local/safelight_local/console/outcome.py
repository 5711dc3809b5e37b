"""The outcome of an upload in one execution, from its record and from the execution's output."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safelight_contracts.records import Attribute, Status
from safelight_local.aws.executions import RUNNING, Execution
from safelight_local.aws.records import json_object, reason_of

_OUTCOMES = (Status.PUBLISHED, Status.REJECTED, Status.FAILED)
NOT_RECORDED = "NOT RECORDED"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of an upload.

    `status`: ``PUBLISHED``, ``REJECTED``, ``FAILED``, ``DUPLICATE`` or ``NOT RECORDED``; None while the execution runs.
    `reason`: Why it was rejected, or the name of the error that it failed with.
    """

    status: str | None
    reason: str | None


def is_recorded_by(execution: Execution, record: Mapping[str, Any]) -> bool:
    """Whether an execution wrote a record. Else a later one did, such as a reprocess.

    `record`: the item of its upload.
    """
    return record.get(Attribute.EXECUTION_ARN) == execution.arn


def outcome_of(execution: Execution, *, record: dict[str, Any] | None) -> Outcome:
    """Find the outcome of an upload in an execution.

    `execution`: as it is described.
    `record`: the item of its upload. If a later execution wrote it, such as a reprocess, it is ignored.

    Result: from the record if this execution wrote it, else from the execution's output or error.
    """
    if execution.status == RUNNING:
        return Outcome(status=None, reason=None)
    if record is not None and is_recorded_by(execution, record) and record.get(Attribute.STATUS) in _OUTCOMES:
        return Outcome(status=record[Attribute.STATUS], reason=reason_of(record))
    output = json_object(execution.output)
    if isinstance(output.get("status"), str):
        reason = output.get("reason")
        return Outcome(status=output["status"], reason=reason if isinstance(reason, str) else None)
    return Outcome(status=NOT_RECORDED, reason=execution.error)
