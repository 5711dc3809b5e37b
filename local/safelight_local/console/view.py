"""One execution with its states, record and pictures, as plain values for the page and the HTML report."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safelight_contracts.keys import place_id
from safelight_contracts.records import Attribute, place_key, upload_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import RUNNING, Execution, describe
from safelight_local.aws.history import StateVisit, VisitStatus, read_history
from safelight_local.aws.records import read_items
from safelight_local.console.explanation import in_words
from safelight_local.console.findings import boxes_of, covered_of, verdicts_of
from safelight_local.console.outcome import is_recorded_by, outcome_of
from safelight_local.console.pictures import Picture, pictures_of
from safelight_local.console.removal import removal_of

_JSON_TEXTS = (Attribute.DETAIL, Attribute.CHECKS, Attribute.PHOTO_METADATA, Attribute.REDACTED)
"""Attributes of a record that hold JSON text."""


@dataclass(frozen=True, kw_only=True)
class View:
    """One execution with all that belongs to it.

    Attributes
    ----------
    workflow : DeployedWorkflow
        Its workflow.
    execution : Execution
        As Step Functions describes it.
    visits : tuple[StateVisit, ...]
        Its visits to states.
    record : dict or None
        The item of its upload as it is now, with JSON texts read; None where nothing is recorded.
    recorded_here : bool
        Whether this execution wrote the record.
    place_type : str or None
        What the listing of the upload's place says now.
    pictures : list[Picture]
        Its upload, the image that its checks saw, and its renditions.
    """

    workflow: DeployedWorkflow
    execution: Execution
    visits: tuple[StateVisit, ...]
    record: dict[str, Any] | None
    recorded_here: bool
    place_type: str | None
    pictures: list[Picture]

    @property
    def recorded_by(self) -> str | None:
        """The ARN of the other execution that wrote the record, such as a retry. None if there is none."""
        written_by = (self.record or {}).get(Attribute.EXECUTION_ARN)
        return written_by if isinstance(written_by, str) and not self.recorded_here else None

    @property
    def checks(self) -> list[dict[str, Any]]:
        """The verdicts of its checks: the recorded ones, else those that its states returned.

        Each has ``words``, the detail in words, and ``boxes``, what the check found.
        """
        checks = (self.record or {}).get(Attribute.CHECKS) if self.recorded_here else None
        if not isinstance(checks, list):
            checks = verdicts_of(self.visits)
        return [
            it | {"words": in_words(it.get("detail")), "boxes": boxes_of(it.get("detail"))}
            for it in checks
            if isinstance(it, dict)
        ]

    @property
    def covered(self) -> list[dict[str, Any]]:
        """The boxes that were covered before renditions were made, as in ``boxes`` of checks. Empty without any."""
        redacted = (self.record or {}).get(Attribute.REDACTED) if self.recorded_here else None
        return covered_of(redacted)

    @property
    def explanation(self) -> str:
        """What explains the outcome, in words: the record's detail, else the cause of the execution's error."""
        return in_words((self.record or {}).get(Attribute.DETAIL) if self.recorded_here else self.execution.cause)


def read_view(clients: Clients, *, workflow: DeployedWorkflow, arn: str) -> View | None:
    """Read one execution with all that belongs to it.

    Parameters
    ----------
    clients : Clients
        Where it ran.
    workflow : DeployedWorkflow
        Its workflow.
    arn : str
        Its ARN.

    Returns
    -------
    View or None
        None when there is no such execution.
    """
    execution = describe(clients, arn=arn)
    if execution is None:
        return None
    visits = read_history(clients, arn=arn)
    key = execution.upload.get("key", "")
    place = place_key(place_id(key, prefix=workflow.key_prefix))
    upload = upload_key(key, workflow=workflow.workflow_id, sequencer=execution.upload.get("sequencer", ""))
    items = read_items(clients, workflow=workflow, names=[place, upload]) if key else {}
    record = items.get(upload)
    recorded_here = record is not None and is_recorded_by(execution, record)
    return View(
        workflow=workflow,
        execution=execution,
        visits=visits,
        record=record and {name: _read(name, value) for name, value in record.items()},
        recorded_here=recorded_here,
        place_type=items.get(place, {}).get(Attribute.PLACE_TYPE),
        pictures=pictures_of(
            execution,
            workflow=workflow,
            record=record if recorded_here else None,
            visits=visits,
            removal=removal_of(clients, workflow=workflow, key=key, visits=visits),
        ),
    )


def view_as_json(view: View, *, diagram: str) -> dict[str, Any]:
    """Convert a view for the page: times in seconds since 1970.

    Parameters
    ----------
    view : View
        From `read_view`.
    diagram : str
        The name of the picture of its definition, from `diagram_name`.

    Returns
    -------
    dict
        Plain values.
    """
    execution = view.execution
    outcome = outcome_of(execution, record=_to_json_text(view.record))
    return {
        "arn": execution.arn,
        "name": execution.name,
        "workflow": view.workflow.workflow_id,
        "status": execution.status,
        "running": execution.status == RUNNING,
        "started": execution.started.timestamp(),
        "stopped": execution.stopped and execution.stopped.timestamp(),
        "seconds": execution.seconds,
        "key": execution.upload.get("key"),
        "placeType": view.place_type,
        "outcome": outcome.status,
        "reason": outcome.reason,
        "explanation": view.explanation,
        "error": execution.error,
        "cause": execution.cause,
        "visits": [_visit_as_json(it, execution=execution) for it in view.visits],
        "checks": view.checks,
        "covered": view.covered,
        "record": view.record,
        "recordedHere": view.recorded_here,
        "recordedBy": view.recorded_by,
        "pictures": [_picture_as_json(it) for it in view.pictures],
        "diagram": diagram,
    }


def diagram_name(definition: dict[str, Any]) -> str:
    """Return the name of a definition's diagram. Equal definitions have equal names.

    Parameters
    ----------
    definition : dict
        ASL.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    return hashlib.sha256(json.dumps(definition).encode()).hexdigest()[:24]


def _read(name: str, value: object) -> object:
    if name not in _JSON_TEXTS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _to_json_text(record: dict[str, Any] | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return record | {name: json.dumps(record[name]) for name in _JSON_TEXTS if name in record}


def _visit_as_json(visit: StateVisit, *, execution: Execution) -> dict[str, Any]:
    return {
        "state": visit.state,
        "type": visit.type,
        "status": visit.status,
        "entered": (visit.entered - execution.started).total_seconds(),
        "seconds": _seconds(visit, ended=execution.stopped),
        "input": visit.input,
        "output": visit.output,
        "error": visit.error,
        "cause": visit.cause,
        "failures": visit.failures,
        "after": visit.after and visit.after.state,
    }


def _seconds(visit: StateVisit, *, ended: datetime | None) -> float | None:
    until = visit.left or (ended if visit.status is not VisitStatus.CURRENT else None)
    return None if until is None else (until - visit.entered).total_seconds()


def _picture_as_json(picture: Picture) -> dict[str, Any]:
    return {
        "name": picture.name,
        "key": picture.key,
        "type": picture.type,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.bytes,
        "note": picture.note,
    }
