"""Express workflows and snapshots of functions: what a template has of them."""

import json
from typing import Any

import pytest
from aws_cdk import aws_stepfunctions

from safelight import Platform, WorkflowVersion
from safelight.core.express import limit_to_express

EXPRESS = aws_stepfunctions.StateMachineType.EXPRESS


def retriers(states: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [state["ItemProcessor"]["States"] for state in states.values() if "ItemProcessor" in state]
    own = [retrier for state in states.values() for retrier in state.get("Retry", [])]
    return own + [retrier for nested in inner for retrier in retriers(nested)]


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_an_express_workflow_stops_retrying_before_its_timeout(version: WorkflowVersion) -> None:
    express = json.loads(limit_to_express(version.definition.read_text()))
    waits = [
        sum(
            min(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** attempt, retrier["MaxDelaySeconds"])
            for attempt in range(retrier["MaxAttempts"])
        )
        for retrier in retriers(express["States"])
        if retrier["MaxAttempts"]
    ]
    assert express["TimeoutSeconds"] == 300
    assert sum(waits) < 300


def test_an_express_workflow_still_retries_no_rejection() -> None:
    express = json.loads(limit_to_express(WorkflowVersion.V5.definition.read_text()))
    assert express["States"]["Render"]["Retry"][0] == {"ErrorEquals": ["RejectedImage"], "MaxAttempts": 0}


def limited(retrier: dict[str, Any]) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": [retrier], "End": True}
    express = json.loads(limit_to_express(json.dumps({"StartAt": "Check", "States": {"Check": task}})))
    (found,) = retriers(express["States"])
    return found


def test_a_retrier_without_max_attempts_keeps_the_asl_default_of_three() -> None:
    assert limited({"ErrorEquals": ["States.ALL"]}) == {
        "ErrorEquals": ["States.ALL"],
        "MaxAttempts": 3,
        "MaxDelaySeconds": 8,
    }


@pytest.mark.parametrize(("given", "kept"), [(1, 1), (4, 4), (5, 4)])
def test_a_retrier_of_an_express_workflow_has_at_most_four_attempts(given: int, kept: int) -> None:
    assert limited({"ErrorEquals": ["States.ALL"], "MaxAttempts": given})["MaxAttempts"] == kept


@pytest.mark.parametrize(("given", "kept"), [(1, 1), (8, 8), (9, 8)])
def test_a_retrier_of_an_express_workflow_waits_at_most_eight_seconds(given: int, kept: int) -> None:
    assert limited({"ErrorEquals": ["States.ALL"], "MaxDelaySeconds": given})["MaxDelaySeconds"] == kept


def test_the_type_is_the_state_machines(build: Any) -> None:
    machines = build(type=EXPRESS).resources("AWS::StepFunctions::StateMachine")
    assert [machine["StateMachineType"] for machine in machines.values()] == ["EXPRESS"]


def test_a_workflow_is_standard_by_default(build: Any) -> None:
    machines = build().resources("AWS::StepFunctions::StateMachine")
    assert [machine["StateMachineType"] for machine in machines.values()] == ["STANDARD"]


def test_every_function_starts_from_a_snapshot_with_snap_start(build: Any) -> None:
    functions = build(snap_start=True, platform=Platform(python="3.13")).resources("AWS::Lambda::Function").values()
    assert {function["SnapStart"]["ApplyOn"] for function in functions} == {"PublishedVersions"}


def test_functions_have_no_snapshot_by_default(build: Any) -> None:
    functions = build().resources("AWS::Lambda::Function").values()
    assert not any("SnapStart" in function for function in functions)


def test_snap_start_with_an_old_python_is_rejected(build: Any) -> None:
    with pytest.raises(ValueError, match=r"snap_start=True needs Python 3\.12 or newer, and platform= is 3\.11"):
        build(snap_start=True, platform=Platform(python="3.11"))
