"""The outcome of an upload in one execution, from its record and from the execution's output."""

import json
from dataclasses import dataclass
from typing import Any

from safelight_contracts.records import Attribute, Status
from safelight_local.aws.executions import RUNNING, Execution

_OUTCOMES = (Status.PUBLISHED, Status.REJECTED, Status.FAILED)
NOT_RECORDED = "NOT RECORDED"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of an upload.

    `status`: ``PUBLISHED``, ``REJECTED``, ``FAILED``, ``DUPLICATE`` or ``NOT RECORDED``; None while the execution runs.
    `reason`: Why it was rejected, or the error that it failed with.
    """

    status: str | None
    reason: str | None


def outcome_of(execution: Execution, *, record: dict[str, Any] | None) -> Outcome:
    """Find the outcome of an upload in an execution.

    `execution`: as it is described.
    `record`: the item of its upload. If a later execution wrote it, such as a reprocess, it is ignored.

    Result: from the record if this execution wrote it, else from the execution's output or error.
    """
    if execution.status == RUNNING:
        return Outcome(status=None, reason=None)
    if (
        record is not None
        and record.get(Attribute.EXECUTION_ARN) == execution.arn
        and record.get(Attribute.STATUS) in _OUTCOMES
    ):
        reason = record.get(Attribute.REASON) or _error_name(record.get(Attribute.DETAIL))
        return Outcome(status=record[Attribute.STATUS], reason=reason)
    output = json_object(execution.output)
    if isinstance(output.get("status"), str):
        reason = output.get("reason")
        return Outcome(status=output["status"], reason=reason if isinstance(reason, str) else None)
    return Outcome(status=NOT_RECORDED, reason=execution.error)


def json_object(text: object) -> dict[str, Any]:
    """Read JSON text that should be an object.

    Result: empty if it is not JSON, or not an object.
    """
    if not isinstance(text, str):
        return {}
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _error_name(detail: object) -> str | None:
    name = json_object(detail).get("name")
    return name if isinstance(name, str) else None
