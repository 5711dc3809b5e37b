"""The outcome that `safelight show` has for an execution."""

import json
from datetime import UTC, datetime

import pytest

from safelight_contracts.records import Status
from safelight_local.aws.executions import Execution
from safelight_local.aws.records import Record, reason_of
from safelight_local.outcomes import record_of_execution, recorded_by_another

ARN = "arn:aws:states:us-east-1:000000000000:execution:photos:first"
LATER = "arn:aws:states:us-east-1:000000000000:execution:photos:retry"


def execution(*, status: str = "FAILED", error: str | None = "OSError", output: str | None = None) -> Execution:
    return Execution(
        arn=ARN,
        name="first",
        status=status,
        started=datetime(2026, 1, 31, tzinfo=UTC),
        stopped=None,
        event={},
        error=error,
        output=output,
    )


def record(*, execution_arn: str | None) -> Record:
    return Record(
        status=Status.PUBLISHED,
        reason=None,
        execution_arn=execution_arn,
        detail="",
        renditions=({"name": "tile"},),
        checks=(),
    )


@pytest.mark.parametrize("execution_arn", [ARN, None])
def test_an_execution_has_the_outcome_that_it_recorded(execution_arn: str | None) -> None:
    written = record(execution_arn=execution_arn)
    assert record_of_execution(execution(), record=written) == written


@pytest.mark.parametrize(("execution_arn", "other"), [(ARN, None), (None, None), (LATER, LATER)])
def test_the_other_execution_that_wrote_the_record_is_known(execution_arn: str | None, other: str | None) -> None:
    assert recorded_by_another(execution(), record=record(execution_arn=execution_arn)) == other


def test_no_execution_wrote_a_record_that_is_not_there() -> None:
    assert recorded_by_another(execution(), record=None) is None


def test_an_execution_that_failed_does_not_have_the_renditions_of_its_retry() -> None:
    found = record_of_execution(execution(), record=record(execution_arn=LATER))
    assert found is not None
    assert (found.status, found.reason, found.renditions) == ("NOT RECORDED", "OSError", ())


def test_an_execution_whose_record_was_replaced_has_the_outcome_of_its_output() -> None:
    output = json.dumps({"status": Status.REJECTED, "reason": "NO_PEOPLE_ALLOWED"})
    replaced = record(execution_arn=LATER)
    found = record_of_execution(execution(status="SUCCEEDED", error=None, output=output), record=replaced)
    assert found is not None
    assert (found.status, found.reason) == (Status.REJECTED, "NO_PEOPLE_ALLOWED")


def test_a_running_execution_has_no_outcome_yet() -> None:
    running = execution(status="RUNNING", error=None)
    assert record_of_execution(running, record=record(execution_arn=LATER)) is None


def test_the_reason_of_a_failure_is_the_name_of_its_error() -> None:
    assert reason_of({"status": Status.FAILED, "detail": json.dumps({"name": "OSError", "cause": "disk"})}) == "OSError"
