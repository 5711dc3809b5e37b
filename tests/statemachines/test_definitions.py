"""Every definition: valid, complete and bounded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.statemachines.definitions import (
    PATH,
    ROOT,
    STATE_MACHINES,
    WORKFLOWS,
    machines,
    read,
    states,
    ways_on,
    workflow,
)

from safelight_contracts.executions import LONGEST_EXECUTION

CHECK_STATES = {
    "v1": ["Resizer", "Publish"],
    "v2": ["Moderator", "Moderation Result?", "Resizer", "Publish"],
    "v3": ["Check Dimensions", "Dimensions Result?", "Moderator", "Moderation Result?", "Resizer", "Publish"],
    "v4": [
        "Check Dimensions",
        "Dimensions Result?",
        "Get place type from DynamoDB",
        "Place type?",
        "Moderator",
        "Moderation Result?",
        "Get labels",
        "Check for people",
        "Resizer",
        "Publish",
    ],
}
OUTCOME_STATES = [
    "RecordFailState",
    "Announce Rejection",
    "Rejected",
    "Already Recorded",
    "Ignored",
    "RecordError",
    "Announce Failure",
    "Failure Announced",
    "Failed",
]
STATES = {version: ["Folder marker?", *checks, *OUTCOME_STATES] for version, checks in CHECK_STATES.items()} | {
    "v5": [
        "Folder marker?",
        "Claim",
        "Get place type from DynamoDB",
        "Route?",
        "Prepare",
        "Checks",
        "Verdict?",
        "Render",
        "Publish",
        "RecordFailState",
        "Release Claim",
        "Still Published",
        "Anything to remove?",
        "Remove Rejected",
        "Announce Rejection",
        "Rejected",
        "Already Recorded",
        "Ignored",
        "RecordError",
        "RecordStandingError",
        "Announce Failure",
        "Failure Announced",
        "Failed",
    ]
}

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@each_workflow
def test_statelint_finds_nothing(path: Path) -> None:
    command = [sys.executable, "-m", "statelint", "--eval-jsonata", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.strip()) == (0, ""), result.stdout + result.stderr


@each_workflow
def test_asl_validator_finds_nothing(path: Path) -> None:
    command = [str(ROOT / "node_modules" / ".bin" / "asl-validator"), "--json-path", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PATH": PATH})
    assert result.returncode == 0, result.stdout + result.stderr


@each_workflow
def test_every_task_has_a_time_out_retries_and_a_catch_for_everything(path: Path) -> None:
    for name, state in states(read(path), "Task").items():
        assert state["TimeoutSeconds"] > 0, name
        assert state["Retry"][-1]["ErrorEquals"] == ["States.ALL"], name
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


@each_workflow
def test_every_retry_backs_off_with_full_jitter_and_a_bound(path: Path) -> None:
    for name, state in states(read(path), "Task").items():
        for retrier in state["Retry"]:
            if retrier["MaxAttempts"] == 0:
                continue
            assert retrier["JitterStrategy"] == "FULL", name
            assert retrier["BackoffRate"] >= 2, name
            assert retrier["MaxDelaySeconds"] <= 120, name


@each_workflow
def test_throttling_is_retried_longer_than_other_errors(path: Path) -> None:
    for name, state in states(read(path), "Task").items():
        attempts = {error: retrier["MaxAttempts"] for retrier in state["Retry"] for error in retrier["ErrorEquals"]}
        throttled = [count for error, count in attempts.items() if "Throttling" in error or "TooMany" in error]
        assert throttled, name
        assert min(throttled) > attempts["States.ALL"], name


@each_workflow
def test_a_rejected_image_is_never_retried(path: Path) -> None:
    for name, state in states(read(path), "Task").items():
        catches = {error for catcher in state["Catch"] for error in catcher["ErrorEquals"]}
        if "RejectedImage" in catches:
            assert state["Retry"][0] == {"ErrorEquals": ["RejectedImage"], "MaxAttempts": 0}, name


@each_workflow
def test_every_choice_except_the_error_state_has_a_default(path: Path) -> None:
    for name, state in states(read(path), "Choice").items():
        raises = any("$error(" in choice["Condition"] for choice in state["Choices"])
        assert ("Default" in state) is not raises, name
        # Its one condition is true or raises the error, so that there is no other way.
        assert raises is (name == "Failed"), name
        assert len(state["Choices"]) == 1 or not raises, name


@each_workflow
def test_every_state_can_be_reached(path: Path) -> None:
    for machine in machines(read(path)):
        reached: set[str] = set()
        waiting = [machine["StartAt"]]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                state = machine["States"][name]
                waiting += [*ways_on(state), *(catcher["Next"] for catcher in state.get("Catch", []))]
        assert reached == set(machine["States"])


@each_workflow
def test_errors_in_and_around_a_map_are_caught(path: Path) -> None:
    for name, state in states(read(path), "Map").items():
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


@each_workflow
def test_an_execution_ends_before_the_timeout_of_the_state_machine(path: Path) -> None:
    # A state machine's own time-out ends an execution with nothing recorded, so it must never come first.
    longest = 0.0
    for state in states(read(path), "Task").values():
        attempts, waiting = 1, 0.0
        for retrier in state["Retry"]:
            attempts += retrier["MaxAttempts"]
            for attempt in range(retrier["MaxAttempts"]):
                waiting += min(
                    retrier["IntervalSeconds"] * retrier["BackoffRate"] ** attempt, retrier["MaxDelaySeconds"]
                )
        longest += attempts * state["TimeoutSeconds"] + waiting
    assert longest < read(path)["TimeoutSeconds"]


@each_workflow
def test_an_execution_lasts_no_longer_than_the_sweeper_waits(path: Path) -> None:
    assert read(path)["TimeoutSeconds"] == LONGEST_EXECUTION.total_seconds()


def test_a_reprocess_waits_for_an_upload_s_execution_to_its_end() -> None:
    (reprocess,) = (read(path) for path in (STATE_MACHINES / "image_workflow" / "reprocess").glob("*.asl.json"))
    (started,) = (task for task in states(reprocess, "Task").values() if "startExecution" in task["Resource"])
    assert started["TimeoutSeconds"] > LONGEST_EXECUTION.total_seconds()


@each_workflow
def test_a_step_gets_the_image_and_the_execution(path: Path) -> None:
    for name, state in states(read(path), "Task").items():
        if state["Resource"] == "arn:aws:states:::lambda:invoke":
            assert {"image", "execution"} <= set(state["Arguments"]["Payload"]), name


@each_workflow
def test_a_rejection_succeeds_and_a_failure_fails(path: Path) -> None:
    definition = read(path)["States"]
    assert definition["Rejected"]["Type"] == "Succeed"
    assert definition["Failed"]["Type"] == ("Choice" if path.name == "v5.asl.json" else "Fail")
    removes_first = path.name == "v5.asl.json"
    assert definition["RecordFailState"]["Next"] == ("Anything to remove?" if removes_first else "Announce Rejection")
    assert definition["Announce Rejection"]["Next"] == "Rejected"
    assert definition["RecordError"]["Next"] == "Announce Failure"
    assert definition["Announce Failure"]["Next"] == "Failure Announced"
    assert definition["Failure Announced"]["Next"] == "Failed"


@pytest.mark.parametrize("version", sorted(STATES))
def test_the_states_keep_their_public_names(version: str) -> None:
    assert list(workflow(version)["States"]) == STATES[version]


@each_workflow
def test_the_version_that_is_recorded_and_announced_is_the_files_own(path: Path) -> None:
    version = path.name.removesuffix(".asl.json")
    definition = read(path)["States"]
    assert definition["Publish"]["Arguments"]["Payload"]["version"] == version
    for name in ("RecordFailState", "RecordError"):
        assert definition[name]["Arguments"]["ExpressionAttributeValues"][":version"] == {"S": version}
    for name in ("Announce Rejection", "Announce Failure"):
        assert definition[name]["Arguments"]["Entries"][0]["Detail"]["version"] == version
