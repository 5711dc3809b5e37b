"""Histories as Step Functions writes them: the emulator has no events inside a Map."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from safelight_local.aws.history import VisitStatus, parse_history

BEGAN = datetime(2026, 1, 31, tzinfo=UTC)


def history(*events: tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], int]) -> list[dict[str, Any]]:
    """Number events, one second apart. Each follows the previous one, or the one that is named."""
    return [
        {
            "id": at + 1,
            "previousEventId": event[2] if len(event) == 3 else at,
            "timestamp": BEGAN + timedelta(seconds=at),
            "type": event[0],
            **event[1],
        }
        for at, event in enumerate(events)
    ]


def entered(name: str, given: str = "{}") -> dict[str, Any]:
    return {"stateEnteredEventDetails": {"name": name, "input": given}}


def exited(name: str, output: str = "{}") -> dict[str, Any]:
    return {"stateExitedEventDetails": {"name": name, "output": output}}


def failed(error: str, cause: str = "why") -> dict[str, Any]:
    return {"taskFailedEventDetails": {"error": error, "cause": cause}}


def test_a_state_that_was_exited_has_passed_with_its_input_and_output() -> None:
    (visit,) = parse_history(
        history(("TaskStateEntered", entered("Claim", '{"a": 1}')), ("TaskStateExited", exited("Claim", '{"b": 2}')))
    )
    assert (visit.state, visit.type, visit.status) == ("Claim", "Task", VisitStatus.PASSED)
    assert (visit.input, visit.output) == ('{"a": 1}', '{"b": 2}')
    assert visit.left is not None
    assert (visit.left - visit.entered).total_seconds() == 1


def test_a_state_that_was_not_exited_is_the_current_one() -> None:
    (visit,) = parse_history(history(("WaitStateEntered", entered("Rest"))))
    assert (visit.status, visit.left) == (VisitStatus.CURRENT, None)


def test_a_state_that_was_exited_after_a_failed_attempt_was_caught() -> None:
    visit, after = parse_history(
        history(
            ("TaskStateEntered", entered("Resizer")),
            ("TaskFailed", failed("Lambda.ServiceException")),
            ("TaskFailed", failed("Denied", "No permission")),
            ("TaskStateExited", exited("Resizer")),
            ("TaskStateEntered", entered("RecordError")),
        )
    )
    assert (visit.status, visit.error, visit.cause, visit.failures) == (
        VisitStatus.CAUGHT,
        "Denied",
        "No permission",
        2,
    )
    assert after.status is VisitStatus.CURRENT


def test_a_state_that_a_retry_rescued_passed_with_one_failure() -> None:
    (visit,) = parse_history(
        history(
            ("TaskStateEntered", entered("Publish")),
            ("TaskTimedOut", failed("States.Timeout")),
            ("TaskScheduled", {}),
            ("TaskSucceeded", {}),
            ("TaskStateExited", exited("Publish")),
        )
    )
    assert (visit.status, visit.failures) == (VisitStatus.PASSED, 1)


def test_the_state_in_which_an_execution_failed_has_failed() -> None:
    (visit,) = parse_history(
        history(
            ("PassStateEntered", entered("Failed")),
            ("ExecutionFailed", {"executionFailedEventDetails": {"error": "E", "cause": "C"}}),
        )
    )
    assert (visit.status, visit.error, visit.cause, visit.left) == (VisitStatus.FAILED, "E", "C", None)


def test_parallel_iterations_of_a_map_are_distinguished() -> None:
    checks, first, second, after = parse_history(
        history(
            ("MapStateEntered", entered("Checks")),
            ("MapStateStarted", {}),
            ("MapIterationStarted", {}, 2),
            ("TaskStateEntered", entered("Check", '"first"'), 3),
            ("MapIterationStarted", {}, 2),
            ("TaskStateEntered", entered("Check", '"second"'), 5),
            ("TaskFailed", failed("Denied"), 4),
            ("TaskSucceeded", {}, 6),
            ("TaskStateExited", exited("Check", '"of the first"'), 7),
            ("TaskStateExited", exited("Check", '"of the second"'), 8),
            ("MapStateSucceeded", {}, 10),
            ("MapStateExited", exited("Checks"), 11),
            ("ChoiceStateEntered", entered("Verdict?"), 12),
        )
    )
    assert (first.input, first.output, first.status) == ('"first"', '"of the first"', VisitStatus.CAUGHT)
    assert (second.input, second.output, second.status) == ('"second"', '"of the second"', VisitStatus.PASSED)
    assert (checks.state, checks.status) == ("Checks", VisitStatus.PASSED)
    assert after.state == "Verdict?"


def test_a_map_that_failed_and_was_exited_was_caught() -> None:
    checks, check = parse_history(
        history(
            ("MapStateEntered", entered("Checks")),
            ("TaskStateEntered", entered("Check")),
            ("TaskFailed", failed("Denied")),
            ("MapIterationFailed", {}),
            ("MapStateFailed", {}),
            ("MapStateExited", exited("Checks")),
        )
    )
    assert (checks.status, check.status) == (VisitStatus.CAUGHT, VisitStatus.FAILED)


def test_a_state_that_is_visited_twice_has_two_visits_with_their_own_outputs() -> None:
    rest, claim, again = parse_history(
        history(
            ("WaitStateEntered", entered("Rest")),
            ("WaitStateExited", exited("Rest", '"first"')),
            ("TaskStateEntered", entered("Claim")),
            ("TaskStateExited", exited("Claim")),
            ("WaitStateEntered", entered("Rest")),
            ("WaitStateExited", exited("Rest", '"second"')),
        )
    )
    assert (rest.output, rest.seconds) == ('"first"', 1)
    assert (again.output, again.seconds) == ('"second"', 1)
    assert claim.status is VisitStatus.PASSED


def test_an_exit_that_follows_from_the_exit_of_another_visit_ends_the_visit_that_is_still_open() -> None:
    first, second = parse_history(
        history(
            ("TaskStateEntered", entered("Check")),
            ("TaskStateEntered", entered("Check")),
            ("TaskStateExited", exited("Check", '"first"'), 1),
            ("TaskStateExited", exited("Check", '"second"'), 3),
        )
    )
    assert (first.output, first.seconds) == ('"first"', 2)
    assert (second.output, second.seconds) == ('"second"', 2)


def test_a_success_after_an_exit_does_not_change_the_visit() -> None:
    checks, check = parse_history(
        history(
            ("MapStateEntered", entered("Checks")),
            ("TaskStateEntered", entered("Check")),
            ("TaskStateExited", exited("Check")),
            ("MapIterationSucceeded", {}),
            ("MapStateSucceeded", {}),
            ("MapStateExited", exited("Checks"), 1),
            ("ExecutionSucceeded", {}),
        )
    )
    assert (checks.status, check.status) == (VisitStatus.PASSED, VisitStatus.PASSED)


def test_a_failure_after_an_exit_does_not_fail_the_state_that_was_left() -> None:
    checks, passed, denied = parse_history(
        history(
            ("MapStateEntered", entered("Checks")),
            ("TaskStateEntered", entered("Check"), 1),
            ("TaskStateEntered", entered("Check"), 1),
            ("TaskStateExited", exited("Check"), 2),
            ("TaskFailed", failed("Denied"), 3),
            ("MapIterationAborted", {}, 4),
        )
    )
    assert (passed.status, passed.failures, passed.error) == (VisitStatus.PASSED, 0, None)
    assert (denied.status, denied.failures, denied.error) == (VisitStatus.FAILED, 1, "Denied")
    assert checks.status is VisitStatus.CURRENT


def test_the_innermost_open_map_is_the_one_that_failed() -> None:
    outer, inner, check = parse_history(
        history(
            ("MapStateEntered", entered("Places")),
            ("MapStateEntered", entered("Checks")),
            ("TaskStateEntered", entered("Check")),
            ("TaskFailed", failed("Denied")),
            ("MapStateFailed", {}),
            ("MapStateExited", exited("Checks")),
        )
    )
    assert (outer.status, inner.status, check.status) == (VisitStatus.CURRENT, VisitStatus.CAUGHT, VisitStatus.FAILED)


def test_an_event_without_a_known_predecessor_belongs_to_the_last_entered_state() -> None:
    checks, check = parse_history(
        history(
            ("MapStateEntered", entered("Checks")),
            ("TaskStateEntered", entered("Check")),
            ("TaskFailed", failed("Denied"), 0),
        )
    )
    assert (checks.status, check.status) == (VisitStatus.CURRENT, VisitStatus.FAILED)


@given(st.permutations([iteration for iteration in range(4) for _ in range(4)]), st.tuples(*[st.booleans()] * 4))
def test_each_visit_gets_its_own_events_in_any_order_of_iterations(
    turns: list[int], succeeds: tuple[bool, ...]
) -> None:
    events: list[tuple[str, dict[str, Any], int]] = [("MapStateEntered", entered("Checks"), 0)]
    last = dict.fromkeys(range(4), 1)
    rest = {
        iteration: [
            ("TaskStateEntered", entered("Check", str(iteration))),
            ("TaskSucceeded", {}) if succeeds[iteration] else ("TaskFailed", failed("Denied")),
            ("TaskStateExited", exited("Check", str(iteration))),
            ("MapIterationSucceeded", {}),
        ]
        for iteration in range(4)
    }
    for iteration in turns:
        events.append((*rest[iteration].pop(0), last[iteration]))
        last[iteration] = len(events)
    checks, *visits = parse_history(history(*events))
    assert checks.status is VisitStatus.CURRENT
    assert len(visits) == 4
    for visit in visits:
        passed = succeeds[int(visit.input or "")]
        assert visit.output == visit.input
        assert visit.status is (VisitStatus.PASSED if passed else VisitStatus.CAUGHT)
