"""The history of an execution with states inside a Map or Parallel, as Step Functions writes it."""

import json
from typing import Any

from tests.local.lambda_functions import create_role
from tests.local.small_workflow import wait_until_ended

from safelight_local.aws.history import VisitStatus, parse_history, read_history
from safelight_local.emulator.process import Emulator

BROKEN = "{% $states.input = 'broken' %}"
LOOK = {
    "Type": "Map",
    "Items": "{% $states.input.photos %}",
    "MaxConcurrency": 1,
    "ItemProcessor": {
        "StartAt": "Broken?",
        "States": {
            "Broken?": {"Type": "Choice", "Choices": [{"Condition": BROKEN, "Next": "Break"}], "Default": "Good"},
            "Break": {"Type": "Fail", "Error": "Broken", "Cause": "The item says so."},
            "Good": {"Type": "Succeed"},
        },
    },
    "Catch": [{"ErrorEquals": ["Broken"], "Next": "Caught"}],
    "Next": "Done",
}


def events_of(emulator: Emulator, *, name: str, states: dict[str, Any], photos: list[str]) -> list[Any]:
    stepfunctions = emulator.endpoints.stepfunctions
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    machine = stepfunctions.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=create_role(emulator.endpoints, f"{name}-role")
    )["stateMachineArn"]
    arn = stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps({"photos": photos}))["executionArn"]
    wait_until_ended(emulator.endpoints, arn=arn)
    assert read_history(emulator.endpoints, arn=arn)
    return list(stepfunctions.get_execution_history(executionArn=arn, maxResults=1000)["events"])


def chain(events: list[Any]) -> list[tuple[int, int, str]]:
    return [(it["id"], it.get("previousEventId", 0), it["type"]) for it in events]


MAP = {"Look": LOOK, "Caught": {"Type": "Succeed"}, "Done": {"Type": "Succeed"}}


def test_iterations_and_their_states_are_in_the_history(emulator: Emulator) -> None:
    events = events_of(emulator, name="two-iterations", states=MAP, photos=["one", "two"])
    assert chain(events) == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "MapStateEntered"),
        (3, 2, "MapStateStarted"),
        (4, 3, "MapIterationStarted"),
        (5, 4, "ChoiceStateEntered"),
        (6, 5, "ChoiceStateExited"),
        (7, 6, "SucceedStateEntered"),
        (8, 7, "SucceedStateExited"),
        (9, 8, "MapIterationSucceeded"),
        (10, 3, "MapIterationStarted"),
        (11, 10, "ChoiceStateEntered"),
        (12, 11, "ChoiceStateExited"),
        (13, 12, "SucceedStateEntered"),
        (14, 13, "SucceedStateExited"),
        (15, 14, "MapIterationSucceeded"),
        (16, 15, "MapStateSucceeded"),
        (17, 15, "MapStateExited"),
        (18, 17, "SucceedStateEntered"),
        (19, 18, "SucceedStateExited"),
        (20, 19, "ExecutionSucceeded"),
    ]
    assert events[2]["mapStateStartedEventDetails"] == {"length": 2}
    assert [events[at]["mapIterationStartedEventDetails"] for at in (3, 9)] == [
        {"name": "Look", "index": 0},
        {"name": "Look", "index": 1},
    ]
    assert json.loads(events[10]["stateEnteredEventDetails"]["input"]) == "two"


def test_an_iteration_that_fails_is_in_the_history_with_its_map(emulator: Emulator) -> None:
    events = events_of(emulator, name="one-fails", states=MAP, photos=["broken"])
    assert chain(events)[3:] == [
        (4, 3, "MapIterationStarted"),
        (5, 4, "ChoiceStateEntered"),
        (6, 5, "ChoiceStateExited"),
        (7, 6, "FailStateEntered"),
        (8, 7, "MapIterationFailed"),
        (9, 7, "MapStateFailed"),
        (10, 9, "MapStateExited"),
        (11, 10, "SucceedStateEntered"),
        (12, 11, "SucceedStateExited"),
        (13, 12, "ExecutionSucceeded"),
    ]
    visits = parse_history(events)
    assert [(it.state, it.status, it.after and it.after.state, it.inside and it.inside.state) for it in visits] == [
        ("Look", VisitStatus.CAUGHT, None, None),
        ("Broken?", VisitStatus.PASSED, None, "Look"),
        ("Break", VisitStatus.FAILED, "Broken?", "Look"),
        ("Caught", VisitStatus.PASSED, "Look", None),
    ]


def test_ids_are_unique_and_states_stay_in_their_iterations_when_many_run_at_once(emulator: Emulator) -> None:
    photos = [f"photo {number}" for number in range(40)]
    events = events_of(
        emulator, name="forty-at-once", states=MAP | {"Look": LOOK | {"MaxConcurrency": 40}}, photos=photos
    )
    assert [it["id"] for it in events] == list(range(1, len(events) + 1))
    looked = [it for it in parse_history(events) if it.state == "Good"]
    assert sorted(json.loads(it.input or "") for it in looked) == sorted(photos)
    assert all(it.after is not None and it.after.input == it.input == it.output for it in looked)


def test_a_map_inside_a_map_and_branches_have_their_states(emulator: Emulator) -> None:
    branches = [{"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}} for name in ("Left", "Right")]
    both = {"Type": "Parallel", "Branches": branches, "Next": "Done"}
    inner = {
        "Type": "Map",
        "Items": [1, 2],
        "ItemProcessor": {"StartAt": "Both", "States": {"Both": both, "Done": {"Type": "Succeed"}}},
    }
    outer = {
        "Type": "Map",
        "Items": [1],
        "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": inner | {"End": True}}},
    }
    states = {"Outer": outer | {"Next": "End"}, "End": {"Type": "Succeed"}}
    visits = parse_history(events_of(emulator, name="nested", states=states, photos=[]))
    assert {(it.state, it.inside and it.inside.state, it.status) for it in visits} == {
        ("Outer", None, VisitStatus.PASSED),
        ("Inner", "Outer", VisitStatus.PASSED),
        ("Both", "Inner", VisitStatus.PASSED),
        ("Left", "Both", VisitStatus.PASSED),
        ("Right", "Both", VisitStatus.PASSED),
        ("Done", "Inner", VisitStatus.PASSED),
        ("End", None, VisitStatus.PASSED),
    }
