"""The history of an execution: its visits to states, with input, output, errors and times."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from safelight_local.aws.clients import Clients

_PAGE = 1000
_ENDED_BADLY = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
_HOLDING_STATES = ("Map", "Parallel")


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
    `inside`: the visit to the Map or Parallel that the state is in. None for a state of the workflow itself.
    `after`: the visit that this one follows. None for the first state of the workflow, an iteration or a branch.
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
    inside: "StateVisit | None" = field(default=None, repr=False)
    after: "StateVisit | None" = field(default=None, repr=False)

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
    of_event: dict[int, tuple[StateVisit, str]] = {}
    last = None
    for event in events:
        last, kind = event["timestamp"], event["type"]
        known, kind_before = of_event.get(event.get("previousEventId", 0), (None, ""))
        if "stateEnteredEventDetails" in event:
            known = _entered(event, before=known)
            visits.append(known)
        visit = known or next(_open_ones(visits), None)
        if visit is None:
            continue
        if kind.startswith(("MapIteration", "MapState", "ParallelState")) and not kind.endswith(("Entered", "Exited")):
            of_event[event["id"]] = (_take_nested(event, visit, kind_before=kind_before), kind)
            continue
        of_event[event["id"]] = (visit, kind)
        if "stateExitedEventDetails" in event:
            _leave(event, visits=visits, likely=visit)
        elif kind in _ENDED_BADLY:
            _end(event, visits=visits)
        elif kind.endswith(("Failed", "TimedOut", "Aborted")):
            _mark_failed(event, visit)
        elif kind.endswith("Succeeded") and visit.left is None:
            visit.status = VisitStatus.CURRENT
    for visit in visits:
        visit.seen_until = visit.left or last or visit.entered
    return tuple(visits)


def _entered(event: Any, *, before: StateVisit | None) -> StateVisit:
    details = event["stateEnteredEventDetails"]
    begins = before is not None and before.left is None
    return StateVisit(
        state=details["name"],
        type=event["type"].removesuffix("StateEntered"),
        entered=event["timestamp"],
        seen_until=event["timestamp"],
        input=details.get("input"),
        inside=before if begins else before and before.inside,
        after=None if begins else before,
    )


def _take_nested(event: Any, visit: StateVisit, *, kind_before: str) -> StateVisit:
    """Take an event of an iteration, or of a Map or Parallel itself. Result: the visit to the Map or Parallel.

    `visit`: of the previous event. This may be a state inside.
    """
    kind = event["type"]
    is_held = visit.type not in _HOLDING_STATES or visit.left is not None or kind_before.endswith("StateFailed")
    holder = visit.inside if is_held and visit.inside is not None else visit
    if kind.startswith("MapIteration"):
        # A Fail state, and a state that is aborted, have no event of their own that says so.
        if kind.endswith(("Failed", "Aborted")) and visit.status is VisitStatus.CURRENT and visit is not holder:
            _mark_failed(event, visit)
    elif kind.endswith(("Failed", "Aborted")):
        _mark_failed(event, holder)
        holder.error, holder.cause = visit.error or holder.error, visit.cause or holder.cause
    elif kind.endswith("Succeeded") and holder.left is None:
        holder.status = VisitStatus.CURRENT
    return holder


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
