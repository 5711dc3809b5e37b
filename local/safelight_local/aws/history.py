"""An execution's visits to the states of its workflow, with what went in and came out, by its history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from safelight_local.aws.clients import Clients

_PAGE = 1000
_ENDED_BADLY = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
_OF_NESTED_STATES = ("MapState", "ParallelState")


class VisitStatus(StrEnum):
    """How a visit to a state went."""

    PASSED = "passed"
    CURRENT = "current"
    CAUGHT = "caught"
    FAILED = "failed"


@dataclass(kw_only=True)
class Visit:
    """One visit to a state.

    Attributes
    ----------
    state : str
        The state's name.
    type : str
        Its type, such as ``Task``.
    entered : datetime
        When it was entered.
    left : datetime or None
        When it was left. None while it is worked in, and where the execution ended in it.
    status : VisitStatus
        Caught is a state whose last attempt failed and that a catch led on from.
    input, output : str or None
        JSON text; None where Step Functions tells none.
    error, cause : str or None
        Those of the last attempt that failed.
    failures : int
        How many attempts failed: with a status of passed, those that a retry made good.
    """

    state: str
    type: str
    entered: datetime
    input: str | None
    left: datetime | None = None
    status: VisitStatus = VisitStatus.CURRENT
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    failures: int = 0


def read_visits(clients: Clients, *, arn: str) -> tuple[Visit, ...]:
    """Read an execution's visits so far.

    Parameters
    ----------
    clients : Clients
        Where it ran.
    arn : str
        Its ARN. It is one of a Standard workflow: those of Express workflows have no history.

    Returns
    -------
    tuple[Visit, ...]
        In the order in which the states were entered, those inside of a Map or a Parallel among them where Step
        Functions tells of them.
    """
    pages = clients.stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": _PAGE}
    )
    return visits_of(event for page in pages for event in page["events"])


def visits_of(events: Iterable[Any]) -> tuple[Visit, ...]:
    """Make out the visits in a history.

    Parameters
    ----------
    events : Iterable[dict]
        Its events as ``GetExecutionHistory`` gives them, the first one first.

    Returns
    -------
    tuple[Visit, ...]
        As `read_visits` does.
    """
    visits: list[Visit] = []
    # Iterations of a Map run side by side: an event is of the state that the event before it is of.
    of_event: dict[int, Visit] = {}
    for event in events:
        if "stateEnteredEventDetails" in event:
            visits.append(_entered(event))
            of_event[event["id"]] = visits[-1]
            continue
        visit = of_event.get(event.get("previousEventId", 0)) or next(_open_ones(visits), None)
        if visit is None:
            continue
        of_event[event["id"]] = visit
        if "stateExitedEventDetails" in event:
            _leave(event, visits=visits, likely=visit)
        elif event["type"] in _ENDED_BADLY:
            _end(event, visits=visits)
        elif event["type"].startswith(_OF_NESTED_STATES):
            if event["type"].endswith("Failed"):
                _mark_failed(event, next((it for it in _open_ones(visits) if it.type in ("Map", "Parallel")), visit))
        elif event["type"].endswith(("Failed", "TimedOut", "Aborted")):
            _mark_failed(event, visit)
        elif event["type"].endswith("Succeeded") and visit.left is None:
            visit.status = VisitStatus.CURRENT
    return tuple(visits)


def _entered(event: Any) -> Visit:
    details = event["stateEnteredEventDetails"]
    return Visit(
        state=details["name"],
        type=event["type"].removesuffix("StateEntered"),
        entered=event["timestamp"],
        input=details.get("input"),
    )


def _open_ones(visits: list[Visit]) -> Iterator[Visit]:
    return (visit for visit in reversed(visits) if visit.left is None)


def _leave(event: Any, *, visits: list[Visit], likely: Visit) -> None:
    details = event["stateExitedEventDetails"]
    named = (visit for visit in visits if visit.state == details["name"] and visit.left is None)
    visit = likely if likely.state == details["name"] and likely.left is None else next(named, None)
    if visit is None:
        return
    visit.left = event["timestamp"]
    visit.output = details.get("output")
    visit.status = VisitStatus.CAUGHT if visit.status is VisitStatus.FAILED else VisitStatus.PASSED


def _mark_failed(event: Any, visit: Visit) -> None:
    if visit.left is not None:
        return
    details: Any = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    visit.status = VisitStatus.FAILED
    visit.failures += 1
    visit.error = details.get("error") or visit.error
    visit.cause = details.get("cause") or visit.cause


def _end(event: Any, *, visits: list[Visit]) -> None:
    for visit in _open_ones(visits):
        if visit.status is VisitStatus.CURRENT:
            _mark_failed(event, visit)
