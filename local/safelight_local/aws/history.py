"""The history of an execution: its visits to states, with input, output, errors and times."""

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
class StateVisit:
    """One visit to a state.

    `type`: its type, such as ``Task``.
    `left`: when it was left. None while it runs, and if the execution ended in it.
    `seen_until`: when it was left, else the time of the last event in the history.
    `status`: Caught means that the last attempt failed and a catcher continued the execution.
    `input`, `output`: JSON text. None if Step Functions gives none.
    `error`, `cause`: those of the last attempt that failed.
    `failures`: the number of failed attempts. If the status is passed, a retry succeeded after them.
    """

    state: str
    type: str
    entered: datetime
    input: str | None
    seen_until: datetime
    left: datetime | None = None
    status: VisitStatus = VisitStatus.CURRENT
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    failures: int = 0

    @property
    def seconds(self) -> float:
        """From entering the state until leaving it or the last event, retries included."""
        return (self.seen_until - self.entered).total_seconds()


def read_history(clients: Clients, *, arn: str) -> tuple[StateVisit, ...]:
    """Read the history of an execution so far.

    `arn`: the ARN of an execution of a Standard workflow. Express workflows have no history.

    Result: in the order in which the states were entered, with states inside a Map or Parallel if Step Functions lists
    them.
    """
    pages = clients.stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": _PAGE}
    )
    return parse_history(event for page in pages for event in page["events"])


def parse_history(events: Iterable[Any]) -> tuple[StateVisit, ...]:
    """Parse the events of a history.

    `events`: the events of ``GetExecutionHistory``, the oldest first.

    Result: as `read_history` does.
    """
    visits: list[StateVisit] = []
    # Iterations of a Map run in parallel: an event belongs to the state of its previous event.
    of_event: dict[int, StateVisit] = {}
    last = None
    for event in events:
        last = event["timestamp"]
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
    for visit in visits:
        visit.seen_until = visit.left or last or visit.entered
    return tuple(visits)


def _entered(event: Any) -> StateVisit:
    details = event["stateEnteredEventDetails"]
    return StateVisit(
        state=details["name"],
        type=event["type"].removesuffix("StateEntered"),
        entered=event["timestamp"],
        seen_until=event["timestamp"],
        input=details.get("input"),
    )


def _open_ones(visits: list[StateVisit]) -> Iterator[StateVisit]:
    return (visit for visit in reversed(visits) if visit.left is None)


def _leave(event: Any, *, visits: list[StateVisit], likely: StateVisit) -> None:
    details = event["stateExitedEventDetails"]
    named = (visit for visit in visits if visit.state == details["name"] and visit.left is None)
    visit = likely if likely.state == details["name"] and likely.left is None else next(named, None)
    if visit is None:
        return
    visit.left = event["timestamp"]
    visit.output = details.get("output")
    visit.status = VisitStatus.CAUGHT if visit.status is VisitStatus.FAILED else VisitStatus.PASSED


def _mark_failed(event: Any, visit: StateVisit) -> None:
    if visit.left is not None:
        return
    details: Any = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    visit.status = VisitStatus.FAILED
    visit.failures += 1
    visit.error = details.get("error") or visit.error
    visit.cause = details.get("cause") or visit.cause


def _end(event: Any, *, visits: list[StateVisit]) -> None:
    for visit in _open_ones(visits):
        if visit.status is VisitStatus.CURRENT:
            _mark_failed(event, visit)
