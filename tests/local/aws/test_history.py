"""Histories as Step Functions writes them: the emulator tells nothing of what is inside of a Map."""

from datetime import UTC, datetime, timedelta
from typing import Any

from safelight_local.aws.history import VisitStatus, parse_history

BEGAN = datetime(2026, 1, 31, tzinfo=UTC)


def history(*events: tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], int]) -> list[dict[str, Any]]:
    """Number events, a second apart; each follows from the one before, or from the one that is named."""
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


def test_a_state_that_was_left_has_passed_with_its_input_and_output() -> None:
    (visit,) = parse_history(
        history(("TaskStateEntered", entered("Claim", '{"a": 1}')), ("TaskStateExited", exited("Claim", '{"b": 2}')))
    )
    assert (visit.state, visit.type, visit.status) == ("Claim", "Task", VisitStatus.PASSED)
    assert (visit.input, visit.output) == ('{"a": 1}', '{"b": 2}')
    assert visit.left is not None
    assert (visit.left - visit.entered).total_seconds() == 1


def test_a_state_that_was_not_left_is_the_current_one() -> None:
    (visit,) = parse_history(history(("WaitStateEntered", entered("Rest"))))
    assert (visit.status, visit.left) == (VisitStatus.CURRENT, None)


def test_a_state_whose_last_attempt_failed_and_that_was_left_was_caught() -> None:
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


def test_a_failure_that_a_retry_made_good_is_counted_and_the_state_passed() -> None:
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


def test_iterations_of_a_map_that_run_side_by_side_are_told_apart() -> None:
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


def test_a_map_that_failed_and_was_left_was_caught() -> None:
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
