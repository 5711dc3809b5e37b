"""The redaction of videos: bounded, fail closed, and announced."""

import os
import subprocess
from typing import Any

import pytest
from tests.statemachines.definitions import PATH, ROOT, STATE_MACHINES, evaluate, machines, read, states, ways_on

FILE = STATE_MACHINES / "video_redaction" / "v1.asl.json"
DEFINITION = read(FILE)
STATES = DEFINITION["States"]
MAPS = states(DEFINITION, "Map")


# statelint does not know the fields of a Distributed Map.
def test_asl_validator_finds_nothing() -> None:
    command = [str(ROOT / "node_modules" / ".bin" / "asl-validator"), "--json-path", str(FILE)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PATH": PATH})
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_task_has_a_timeout_and_retries_that_back_off_with_jitter() -> None:
    for name, state in states(DEFINITION, "Task").items():
        assert state["TimeoutSeconds"] > 0, name
        assert state["Retry"][-1]["ErrorEquals"] == ["States.ALL"], name
        for retrier in state["Retry"]:
            assert (retrier["JitterStrategy"], retrier["BackoffRate"] >= 2) == ("FULL", True), name


def test_every_error_is_caught() -> None:
    for name, state in STATES.items():
        if state["Type"] in ("Task", "Map"):
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_every_state_can_be_reached() -> None:
    for machine in machines(DEFINITION):
        reached: set[str] = set()
        waiting = [machine["StartAt"]]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                state = machine["States"][name]
                waiting += [*ways_on(state), *(catcher["Next"] for catcher in state.get("Catch", []))]
        assert reached == set(machine["States"])


def test_no_failed_chunk_is_tolerated_and_each_is_retried_alone() -> None:
    assert [state["Label"] for state in MAPS.values()] == ["Detect", "Cover"]
    for state in MAPS.values():
        assert not {key for key in state if key.startswith("Tolerated")}
        (task,) = state["ItemProcessor"]["States"].values()
        assert task["Retry"][-1]["MaxAttempts"] > 0
        assert "Catch" not in task


def test_private_files_are_removed_whatever_happens() -> None:
    failing = {name for name, state in STATES.items() if any(it["Next"] == "Clean" for it in state.get("Catch", []))}
    assert failing == {"Probe", "Detect Faces", "Link Faces", "Cover Faces", "Withdraw"}
    assert STATES["Reject"]["Next"] == "Clean"
    assert (STATES["Clean"]["Next"], STATES["Clean"]["Catch"][0]["Next"]) == ("Announce?", "Announce?")


def test_what_a_failed_join_may_have_written_is_withdrawn() -> None:
    (catcher,) = STATES["Join"]["Catch"]
    assert (catcher["Next"], catcher["Assign"]["outcome"]["status"]) == ("Withdraw", "FAILED")
    arguments = STATES["Withdraw"]["Arguments"]
    assert arguments["FunctionName"] == "${WithdrawFunctionArn}"
    assert arguments["Payload"] == STATES["Join"]["Arguments"]["Payload"]
    assert STATES["Withdraw"]["Next"] == "Clean"


def test_a_failure_that_could_not_be_withdrawn_says_so() -> None:
    (catcher,) = STATES["Withdraw"]["Catch"]
    failed = {"status": "FAILED", "reason": None, "detail": {"name": "OutputInvalidError"}, "output": None}
    said = evaluate(catcher["Assign"]["outcome"], outcome=failed)
    assert said == failed | {"detail": {"name": "OutputInvalidError", "withdrawn": False}}


@pytest.mark.parametrize(
    ("answer", "status"),
    [({"written": True}, "REDACTED"), ({"written": False}, "ALREADY_REDACTED"), ({"rejection": {}}, "REDACTED")],
)
def test_only_the_execution_that_wrote_the_video_announces_it(answer: Any, status: str) -> None:
    outcome = STATES["Join"]["Assign"]["outcome"]["status"]
    assert evaluate(outcome, states={"result": {"Payload": answer}}) == status
    (choice,) = STATES["Announce?"]["Choices"]
    assert (choice["Next"], STATES["Announce?"]["Default"]) == ("Already Redacted", "Announce")


@pytest.mark.parametrize(
    ("results", "rejection"),
    [
        ([{"rejection": None}], None),
        ([{"rejection": None}, {"rejection": None}], None),
        (
            [{"rejection": None}, {"rejection": {"reason": "DAMAGED", "detail": {}}}],
            {"reason": "DAMAGED", "detail": {}},
        ),
        ([{"rejection": {"reason": "HDR", "detail": {}}}], {"reason": "HDR", "detail": {}}),
    ],
)
@pytest.mark.parametrize("name", sorted(MAPS))
def test_the_rejection_of_one_chunk_is_that_of_the_video(name: str, results: Any, rejection: Any) -> None:
    assert evaluate(MAPS[name]["Assign"]["rejection"], states={"result": results}) == rejection


@pytest.mark.parametrize("status", ["Redacted", "Rejected", "Failed"])
def test_an_outcome_is_announced_under_its_name_and_ends_there(status: str) -> None:
    (entry,) = STATES["Announce"]["Arguments"]["Entries"]
    outcome: dict[str, Any] = {"status": status.upper(), "reason": None, "detail": {}, "output": None}
    assert evaluate(entry["DetailType"], outcome=outcome) == f"Video {status}"
    choices = STATES["Outcome?"]["Choices"]
    found = [it["Next"] for it in choices if evaluate(it["Condition"], outcome=outcome)]
    assert (found or [STATES["Outcome?"]["Default"]]) == [status]
    assert STATES[status]["Type"] == ("Fail" if status == "Failed" else "Succeed")


def test_children_get_the_execution_that_the_video_started() -> None:
    for state in MAPS.values():
        selector = state["ItemSelector"]
        assert set(selector) == {"video", "execution", "chunk"}
        assert selector["execution"] == "{% $states.context.Execution.Id %}"


def test_a_function_without_free_concurrency_is_asked_for_hours() -> None:
    for name, state in states(DEFINITION, "Task").items():
        if state["Resource"].endswith("lambda:invoke"):
            retrier = next(it for it in state["Retry"] if "Lambda.TooManyRequestsException" in it["ErrorEquals"])
            assert retrier["ErrorEquals"] == ["Lambda.TooManyRequestsException"], name
            # A random part of the delay is waited, a half on average. The day of the execution is the end.
            assert retrier["MaxAttempts"] * retrier["MaxDelaySeconds"] / 2 >= 12 * 3600, name


def test_a_list_of_chunks_that_cannot_be_read_is_read_again_and_nothing_else_repeats_a_map() -> None:
    for name, state in MAPS.items():
        (retrier,) = state["Retry"]
        assert retrier["ErrorEquals"] == ["States.ItemReaderFailed"], name
        assert (retrier["JitterStrategy"], retrier["BackoffRate"] >= 2, retrier["MaxAttempts"]) == ("FULL", True, 12)
