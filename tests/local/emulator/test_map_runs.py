"""Distributed Map states: their items, batches, child executions, results and progress."""

import json
from typing import Any

import pytest
from tests.local.emulator_clients import wait_until
from tests.local.map_states import BUCKET, Machine, create_machine

from safelight_local.aws.history import VisitStatus, read_history
from safelight_local.emulator.process import Emulator


@pytest.fixture(scope="module")
def machine(emulator: Emulator) -> Machine:
    return create_machine(emulator.endpoints)


def counts(of: Any) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: number for name, number in of.items() if number}


def test_the_output_has_the_results_in_the_order_of_the_items(machine: Machine) -> None:
    items = list(range(70))
    ended = machine.run("plain", items=items)
    assert (ended.status, ended.output) == ("SUCCEEDED", items)
    assert counts(ended.run["itemCounts"]) == {"succeeded": 70, "total": 70, "resultsWritten": 70}


def test_an_empty_list_of_items_succeeds(machine: Machine) -> None:
    ended = machine.run("plain", items=[])
    assert (ended.status, ended.output, counts(ended.run["itemCounts"])) == ("SUCCEEDED", [], {})


def test_items_are_selected_before_they_are_batched(machine: Machine) -> None:
    ended = machine.run("batches", items=[5, 6, 7], most=2, width=8)
    selected = [{"n": number, "at": index} for index, number in enumerate([5, 6, 7])]
    assert ended.output == {
        "batches": [
            {"Items": selected[:2], "BatchInput": {"width": 8}},
            {"Items": selected[2:], "BatchInput": {"width": 8}},
        ]
    }
    assert counts(ended.run["itemCounts"]) == {"succeeded": 3, "total": 3, "resultsWritten": 3}
    assert counts(ended.run["executionCounts"]) == {"succeeded": 2, "total": 2, "resultsWritten": 2}


def test_items_are_batched_in_jsonpath(machine: Machine) -> None:
    ended = machine.run("batches-by-path", items=[5, 6, 7], most=2, width=8)
    selected = [{"n": number, "from": "STATE_DATA"} for number in (5, 6, 7)]
    assert ended.output == [
        {"Items": selected[:2], "BatchInput": {"width": 8}},
        {"Items": selected[2:], "BatchInput": {"width": 8}},
    ]


def test_items_are_batched_by_the_bytes_of_the_input(machine: Machine) -> None:
    ended = machine.run("batches-by-bytes", items=["aa", "bb", "cc", "ddd", "e"])
    assert ended.output == [{"Items": ["aa", "bb"]}, {"Items": ["cc"]}, {"Items": ["ddd", "e"]}]


def test_an_item_that_fits_in_no_batch_fails_the_state(machine: Machine) -> None:
    ended = machine.run("batches-by-bytes", items=["aa", "b" * 30])
    assert (ended.error, ended.run["status"]) == ("States.DataLimitExceeded", "FAILED")


def test_items_come_from_an_array_in_a_json_file(machine: Machine) -> None:
    machine.put("nested.json", json.dumps({"data": {"items": [1, 2, 3, 4]}}))
    assert machine.run("json", key="nested.json", most=3).output == [1, 2, 3]


def test_items_come_from_the_lines_of_a_jsonl_file(machine: Machine) -> None:
    machine.put("lines.jsonl", '{"a": 1}\n{"a": 2}\n')
    assert machine.run("jsonl", key="lines.jsonl").output == [
        {"from": "s3://map-data/lines.jsonl", "n": {"a": 1}, "at": 0},
        {"from": "s3://map-data/lines.jsonl", "n": {"a": 2}, "at": 1},
    ]


@pytest.mark.parametrize("text", [None, "not JSON", '{"data": {}}', '{"data": {"items": {"a": 1}}}'])
def test_a_file_without_items_fails_the_reader(machine: Machine, text: str | None) -> None:
    if text is not None:
        machine.put("broken.json", text)
    ended = machine.run("json", key="missing.json" if text is None else "broken.json", most=3)
    assert (ended.error, ended.run["status"]) == ("States.ItemReaderFailed", "FAILED")


def test_exported_results_have_a_manifest_and_a_file_for_each_status(machine: Machine) -> None:
    ended = machine.run("exported", items=[1, -1], tolerated=1)
    arn = ended.run["mapRunArn"]
    folder = f"results/{arn.rpartition(':')[2]}"
    details = {"Bucket": BUCKET, "Key": f"{folder}/manifest.json"}
    assert ended.output == {"MapRunArn": arn, "ResultWriterDetails": details}
    manifest = json.loads(machine.read(f"{folder}/manifest.json"))
    names = {name: f"{folder}/{name}_0.json" for name in ("SUCCEEDED", "FAILED")}
    texts = {name: machine.read(key) for name, key in names.items()}
    files = {name: [{"Key": names[name], "Size": len(text.encode())}] for name, text in texts.items()}
    assert manifest == {"DestinationBucket": BUCKET, "MapRunArn": arn, "ResultFiles": files | {"PENDING": []}}
    ((good,), (bad,)) = (json.loads(text) for text in texts.values())
    child = f"{machine.arn.replace(':stateMachine:', ':execution:')}/Run:{good['Name']}"
    dates = {name: good[name] for name in ("StartDate", "StopDate")}
    assert good == dates | {
        "ExecutionArn": child,
        "StateMachineArn": f"{machine.arn}/Run",
        "Name": child.rpartition(":")[2],
        "Status": "SUCCEEDED",
        "Input": "1",
        "InputDetails": {"Included": True},
        "Output": "1",
        "OutputDetails": {"Included": True},
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }
    assert (bad["Error"], bad["Cause"], bad["Status"]) == ("Broken", "item -1", "FAILED")
    assert bad["RedriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    assert bad.keys() - good.keys() == {"Error", "Cause"}
    assert good.keys() - bad.keys() == {"Output", "RedriveStatusReason"}


def test_compact_lines_are_exported_in_jsonpath(machine: Machine) -> None:
    ended = machine.run("exported-by-path", items=["a", {"b": 2}], tolerated=0)
    manifest = ended.output["manifest"]
    assert manifest == f"by/path/{ended.run['mapRunArn'].rpartition(':')[2]}/manifest.json"
    (file,) = json.loads(machine.read(manifest))["ResultFiles"]["SUCCEEDED"]
    assert file["Key"].endswith("/SUCCEEDED_0.jsonl")
    assert machine.read(file["Key"]) == '"a"\n{"b":2}\n'


def test_lists_are_flattened_in_the_export_and_in_the_output(machine: Machine) -> None:
    exported = machine.run("flat-export", items=[1, 2]).output["ResultWriterDetails"]["Key"]
    assert json.loads(machine.read(exported.replace("manifest", "SUCCEEDED_0"))) == [1, 10, 2, 20]
    assert machine.run("flat", items=[1, 2]).output == [1, 10, 2, 20]


def test_results_that_cannot_be_written_fail_the_state(machine: Machine) -> None:
    ended = machine.run("no-bucket", items=[1])
    assert (ended.error, ended.run["status"]) == ("States.ResultWriterFailed", "FAILED")


def test_a_map_run_that_cannot_go_on_has_failed(machine: Machine) -> None:
    ended = machine.run("unknown-format", items=[1])
    assert (ended.error, ended.run["status"]) == ("States.Runtime", "FAILED")


def test_after_too_many_failures_no_child_starts_and_the_rest_is_exported_as_pending(machine: Machine) -> None:
    ended = machine.run("strict", items=[1, -1, 2, 3])
    assert ended.output["Error"] == "States.ExceedToleratedFailureThreshold"
    assert ended.run["status"] == "FAILED"
    expected = {"succeeded": 1, "failed": 1, "pending": 2, "total": 4, "resultsWritten": 4}
    assert counts(ended.run["itemCounts"]) == expected
    pending = f"results/{ended.run['mapRunArn'].rpartition(':')[2]}/PENDING_0.json"
    rest = [{"Input": text, "InputDetails": {"Included": True}, "Status": "PENDING"} for text in ("2", "3")]
    assert json.loads(machine.read(pending)) == rest


@pytest.mark.parametrize(("tolerated", "status"), [(50, "SUCCEEDED"), (49.9, "FAILED")])
def test_failures_are_tolerated_up_to_a_percentage(machine: Machine, tolerated: float, status: str) -> None:
    ended = machine.run("exported-by-path", items=[1, -1], tolerated=tolerated)
    assert (ended.status, ended.run["status"]) == (status, status)


def test_one_failure_is_too_many_without_a_threshold(machine: Machine) -> None:
    assert machine.run("plain", items=[1, -1]).error == "States.ExceedToleratedFailureThreshold"


def test_child_executions_have_a_context_object_of_their_own_and_no_variables_of_the_parent(machine: Machine) -> None:
    ended = machine.run("context", items=[7])
    (seen,) = ended.output
    (child,) = machine.endpoints.stepfunctions.list_executions(mapRunArn=ended.run["mapRunArn"])["executions"]
    assert seen["id"] == child["executionArn"]
    assert "Map" not in seen["names"]
    assert (seen["input"], seen["isSet"]) == (7, False)


def test_an_error_in_a_child_is_retried_by_the_name_of_its_class(machine: Machine) -> None:
    ended = machine.run("retried", items=[1, 2])
    assert (ended.status, ended.output) == ("SUCCEEDED", [1, 2])


def test_progress_is_visible_while_children_run_side_by_side(machine: Machine) -> None:
    arn = machine.start("waiting", items=[1, 2, 3, 4, 5], most=3)
    first, *others = machine.tokens(3)
    run = machine.map_run(arn)
    assert (run["status"], run["maxConcurrency"]) == ("RUNNING", 3)
    assert counts(run["itemCounts"]) == {"running": 3, "pending": 2, "total": 5}
    machine.answer(first)
    others += machine.tokens(1)
    assert counts(machine.map_run(arn)["itemCounts"]) == {"succeeded": 1, "running": 3, "pending": 1, "total": 5}
    machine.answer(*others)
    machine.answer(*machine.tokens(1))
    assert machine.end(arn).output == ["done"] * 5


def test_no_child_starts_after_the_execution_was_stopped(machine: Machine) -> None:
    arn = machine.start("waiting", items=[1, 2, 3], most=1)
    token = machine.tokens(1)
    machine.endpoints.stepfunctions.stop_execution(executionArn=arn)
    machine.answer(*token)
    wait_until(lambda: machine.map_run(arn)["status"] != "RUNNING")
    ended = machine.end(arn)
    assert (ended.status, ended.run["status"]) == ("ABORTED", "ABORTED")
    assert counts(ended.run["itemCounts"]) == {"aborted": 1, "pending": 2, "total": 3, "resultsWritten": 3}


def test_the_history_names_the_map_run(machine: Machine) -> None:
    ended = machine.run("exported", items=[1], tolerated=0)
    history: Any = machine.endpoints.stepfunctions.get_execution_history(executionArn=ended.arn)["events"]
    assert [(it["id"], it["previousEventId"], it["type"]) for it in history[3:]] == [
        (4, 3, "MapStateEntered"),
        (5, 4, "MapStateStarted"),
        (6, 5, "MapRunStarted"),
        (7, 6, "MapRunSucceeded"),
        (8, 7, "MapStateSucceeded"),
        (9, 6, "MapStateExited"),
        (10, 9, "ExecutionSucceeded"),
    ]
    assert history[4]["mapStateStartedEventDetails"] == {"length": 1}
    assert history[5]["mapRunStartedEventDetails"] == {"mapRunArn": ended.run["mapRunArn"]}
    visits = read_history(machine.endpoints, arn=ended.arn)
    assert [(it.state, it.status) for it in visits] == [("Kind", VisitStatus.PASSED), ("exported", VisitStatus.PASSED)]


def test_the_history_names_the_error_of_a_map_run_that_failed(machine: Machine) -> None:
    ended = machine.run("strict", items=[-1])
    visits = read_history(machine.endpoints, arn=ended.arn)
    assert [(it.state, it.status, it.error) for it in visits[1:]] == [
        ("strict", VisitStatus.CAUGHT, "States.ExceedToleratedFailureThreshold"),
        ("Exceeded", VisitStatus.PASSED, None),
    ]


def test_child_executions_have_a_history(machine: Machine) -> None:
    ended = machine.run("exported", items=[-1], tolerated=1)
    (child,) = machine.endpoints.stepfunctions.list_executions(mapRunArn=ended.run["mapRunArn"])["executions"]
    history = machine.endpoints.stepfunctions.get_execution_history(executionArn=child["executionArn"])["events"]
    assert [it["type"] for it in history] == [
        "ExecutionStarted",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
