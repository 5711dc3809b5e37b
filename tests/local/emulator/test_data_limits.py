"""The largest data of executions, states and tasks, as Step Functions limits it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.emulator_clients import wait_until
from tests.local.lambda_functions import create_function, create_role

from safelight_local.emulator.process import Emulator

LIMIT = 262_144
ECHO = """
def handler(event, context):
    return event["text"] * event["times"]
"""
TWICE = {"Type": "Pass", "Output": "{% $states.input.text & $states.input.text %}", "End": True}


@pytest.fixture(scope="module")
def machine(emulator: Emulator) -> str:
    """It doubles a text in a state, or repeats it in a task whose errors it catches by name or as ``States.ALL``."""
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {
            "FunctionName": create_function(emulator.endpoints, name="echo", source=ECHO),
            "Payload": "{% $states.input %}",
        },
        "Output": "{% $length($states.result.Payload) %}",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Any"}],
        "End": True,
    }
    by_name = {"ErrorEquals": ["States.DataLimitExceeded"], "Output": "{% $states.errorOutput.Error %}", "Next": "Any"}
    states: dict[str, Any] = {
        "Kind": {
            "Type": "Choice",
            "Choices": [
                {"Condition": f"{{% $states.input.kind = '{kind}' %}}", "Next": kind} for kind in ("task", "named")
            ],
            "Default": "state",
        },
        "state": TWICE,
        "task": call,
        "named": call | {"Catch": [by_name]},
        "Any": {"Type": "Succeed"},
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Kind", "States": states}
    return emulator.endpoints.stepfunctions.create_state_machine(
        name="sizes", definition=json.dumps(definition), roleArn=create_role(emulator.endpoints, "sizes-role")
    )["stateMachineArn"]


def end(emulator: Emulator, machine: str, **given: Any) -> Any:
    stepfunctions = emulator.endpoints.stepfunctions
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    arn = stepfunctions.start_execution(stateMachineArn=machine, input=text)["executionArn"]
    wait_until(lambda: stepfunctions.describe_execution(executionArn=arn)["status"] != "RUNNING")
    return stepfunctions.describe_execution(executionArn=arn)


@pytest.mark.parametrize(("letter", "count"), [("x", LIMIT // 2 - 1), ("é", LIMIT // 4 - 1)])
def test_the_output_of_a_state_has_at_most_256_kib_in_utf_8(
    emulator: Emulator, machine: str, letter: str, count: int
) -> None:
    assert end(emulator, machine, kind="state", text=letter * count)["status"] == "SUCCEEDED"
    ended = end(emulator, machine, kind="state", text=letter * (count + 1))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_the_result_of_a_task_that_is_too_large_is_caught_by_name_only(emulator: Emulator, machine: str) -> None:
    large = {"text": "x", "times": LIMIT}
    assert end(emulator, machine, kind="named", **large)["output"] == '"States.DataLimitExceeded"'
    assert end(emulator, machine, kind="task", **large)["error"] == "States.DataLimitExceeded"
    assert end(emulator, machine, kind="task", text="x", times=LIMIT // 2)["output"] == str(LIMIT // 2)


def test_an_execution_with_a_larger_input_is_refused(emulator: Emulator, machine: str) -> None:
    stepfunctions = emulator.endpoints.stepfunctions
    stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps("x" * (LIMIT - 2)))
    with pytest.raises(ClientError, match="length less than or equal to 262144"):
        stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps("x" * (LIMIT - 1)))
