import json

from tests.local.lambda_functions import create_role
from tests.local.small_workflow import wait_until_ended

from safelight_local.aws.executions import describe, execution_statuses
from safelight_local.aws.history import read_history
from safelight_local.emulator.process import Emulator

DONE: dict[str, object] = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


def run(emulator: Emulator, *, name: str, definition: dict[str, object], given: str) -> tuple[str, str]:
    client = emulator.endpoints.stepfunctions
    machine = client.create_state_machine(
        name=name,
        definition=json.dumps({"QueryLanguage": "JSONata"} | definition),
        roleArn=create_role(emulator.endpoints, f"{name}-role"),
    )["stateMachineArn"]
    arn = client.start_execution(stateMachineArn=machine, input=given)["executionArn"]
    wait_until_ended(emulator.endpoints, arn=arn)
    return machine, arn


def test_states_are_listed_in_order_with_their_seconds(emulator: Emulator) -> None:
    _, arn = run(
        emulator,
        name="in-order",
        definition={
            "StartAt": "First",
            "States": {
                "First": {"Type": "Pass", "Next": "Rest"},
                "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Which?"},
                "Which?": {"Type": "Choice", "Choices": [], "Default": "Done"},
                "Done": {"Type": "Succeed"},
            },
        },
        given="{}",
    )
    passed = read_history(emulator.endpoints, arn=arn)
    assert [it.state for it in passed] == ["First", "Rest", "Which?", "Done"]
    assert passed[1].seconds >= 1
    assert all(it.seconds >= 0 for it in passed)


def test_a_state_that_is_entered_twice_has_two_visits(emulator: Emulator) -> None:
    _, arn = run(
        emulator,
        name="twice",
        definition={
            "StartAt": "Count",
            "States": {
                "Count": {"Type": "Pass", "Output": {"n": "{% $states.input.n + 1 %}"}, "Next": "Again?"},
                "Again?": {
                    "Type": "Choice",
                    "Choices": [{"Condition": "{% $states.input.n < 2 %}", "Next": "Count"}],
                    "Default": "Done",
                },
                "Done": {"Type": "Succeed"},
            },
        },
        given='{"n": 0}',
    )
    assert [it.state for it in read_history(emulator.endpoints, arn=arn)] == [
        "Count",
        "Again?",
        "Count",
        "Again?",
        "Done",
    ]


def test_a_failed_execution_ends_with_the_state_that_failed_it(emulator: Emulator) -> None:
    machine, arn = run(
        emulator,
        name="failed",
        definition={"StartAt": "Failed", "States": {"Failed": {"Type": "Fail", "Error": "E"}}},
        given="{}",
    )
    assert [it.state for it in read_history(emulator.endpoints, arn=arn)] == ["Failed"]
    assert execution_statuses(emulator.endpoints, state_machine_arn=machine) == {arn: "FAILED"}


def test_an_execution_knows_the_upload_that_started_it(emulator: Emulator) -> None:
    event = {"detail": {"object": {"key": "park/a + b.jpg", "etag": "e", "sequencer": "00A1"}}}
    _, arn = run(emulator, name="knows", definition=DONE, given=json.dumps(event))
    found = describe(emulator.endpoints, arn=arn)
    assert found is not None
    assert found.upload == event["detail"]["object"]
    assert found.seconds is not None


def test_an_execution_that_somebody_started_by_hand_has_no_upload(emulator: Emulator) -> None:
    for number, given in enumerate(("{}", "[]", '"text"', '{"detail": "text"}')):
        _, arn = run(emulator, name=f"by-hand-{number}", definition=DONE, given=given)
        found = describe(emulator.endpoints, arn=arn)
        assert found is not None
        assert found.upload == {}


def test_an_execution_that_does_not_exist_is_none(emulator: Emulator) -> None:
    arn = "arn:aws:states:us-east-1:000000000000:execution:none:none"
    assert describe(emulator.endpoints, arn=arn) is None
