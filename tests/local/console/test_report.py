import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.local.small_workflow import DEFINITION, deploy_small_workflow, start, wait_until_ended

from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.console.findings import boxes_of
from safelight_local.console.privacy import without_positions
from safelight_local.console.report import report
from safelight_local.console.view import View, read_view
from safelight_local.emulator.process import Emulator
from safelight_local.samples import write_samples

HOSTILE = "park/<img src=x onerror=alert(1)>\"'&.jpg"


@pytest.fixture(scope="module")
def workflow(emulator: Emulator) -> DeployedWorkflow:
    return deploy_small_workflow(emulator.endpoints, stack="Reported")


def shown(emulator: Emulator, workflow: DeployedWorkflow, *, key: str, body: bytes, **record: object) -> View:
    """Process an upload, and return its view with that record."""
    emulator.endpoints.s3.put_object(Bucket=workflow.upload_bucket, Key=key, Body=body)
    arn = start(emulator.endpoints, workflow=workflow, key=key, answer={"status": "PUBLISHED"} | record)
    wait_until_ended(emulator.endpoints, arn=arn)
    item = {
        "pk": f"IMAGE#{workflow.workflow_id}#{key}",
        "sk": f"UPLOAD#{'01':0>32}",
        "status": "PUBLISHED",
        "executionArn": arn,
        **{name: value if isinstance(value, str) else json.dumps(value) for name, value in record.items()},
    }
    emulator.endpoints.dynamodb.put_item(
        TableName=workflow.records_table, Item={name: {"S": value} for name, value in item.items()}
    )
    view = read_view(emulator.endpoints, workflow=workflow, arn=arn)
    assert view is not None
    return view


@pytest.fixture(scope="module")
def sideways(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A photograph with a position and a rotation of 90 degrees in its metadata."""
    return write_samples(Path(tmp_path_factory.mktemp("samples"))).sideways.read_bytes()


def test_a_report_has_no_script_and_no_external_reference(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    view = shown(emulator, workflow, key="park/a.jpg", body=sideways)
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    assert "<script" not in text
    assert not re.search(r'\s(src|href|srcset|action)="(?!data:image/jpeg;base64,)', text)
    assert "url(" not in text
    assert "@import" not in text


def test_a_key_full_of_markup_is_text_in_a_report(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    view = shown(emulator, workflow, key=HOSTILE, body=sideways)
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_a_report_names_the_other_execution_that_wrote_the_record(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    view = shown(emulator, workflow, key="park/retried.jpg", body=sideways, executionArn="arn:of:retry-1")
    assert view.recorded_by == "arn:of:retry-1"
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    assert "Another execution wrote the record of this upload: <code>retry-1</code>" in text


def test_a_report_of_an_execution_that_wrote_the_record_names_no_other(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    view = shown(emulator, workflow, key="park/own.jpg", body=sideways)
    assert view.recorded_by is None
    assert "Another execution" not in report(
        emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions
    )


def test_the_words_of_a_check_leave_positions_out(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    found = {"taken": {"latitude": 48.85837, "longitude": 2.29448}, "missing": ["chair"]}
    checks = [{"check": "own", "accepted": False, "reason": "ELSEWHERE", "detail": found}]
    view = shown(emulator, workflow, key="park/position.jpg", body=sideways, checks=checks)
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    assert "taken: removed, missing: chair" in text
    assert "48.85837" not in text


def test_the_path_is_coloured(emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes) -> None:
    view = shown(emulator, workflow, key="park/b.jpg", body=sideways)
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    assert re.search(r'class="node state succeed passed" data-state="Done"', text)
    assert re.search(r'class="node state fail" data-state="Broken"', text)
    assert re.search(r'class="edge \w+ taken" data-source="Look" data-target="Broken\?"', text)


def test_pictures_in_a_report_are_upright_and_bounded_and_have_no_metadata(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    view = shown(emulator, workflow, key="park/c.jpg", body=sideways)
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    (encoded,) = re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", text)
    picture = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert picture.size == (960, 1280)
    assert not picture.getexif()


def test_a_report_contains_positions_only_on_request(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    photo_metadata = {"camera": "A camera", "position": {"latitude": 51.4778, "longitude": -0.0014}}
    view = shown(emulator, workflow, key="park/d.jpg", body=sideways, photoMetadata=photo_metadata)
    without = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    assert ("51.4778" in without, "A camera" in without, "removed" in without) == (False, True, True)
    whole = report(emulator.endpoints, view=view, definition=DEFINITION, clean=lambda value: value)
    assert "51.4778" in whole


def test_positions_are_found_in_json_within_json() -> None:
    inner = json.dumps(
        {"photoMetadata": {"position": {"latitude": 1.5, "longitude": 2.5, "altitude": 3.5}, "iso": 100}}
    )
    cleaned = json.dumps(without_positions({"Attributes": [{"photoMetadata": {"S": inner}}]}))
    assert [number in cleaned for number in ("1.5", "2.5", "3.5", "100")] == [False, False, False, True]


def test_the_uploader_is_never_in_a_report(emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes) -> None:
    sender = {"source-ip-address": "203.0.113.7", "requester": "111122223333", "reason": "PutObject"}
    view = shown(emulator, workflow, key="park/f.jpg", body=sideways, request=sender)
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=lambda value: value)
    assert [words in text for words in ("203.0.113.7", "111122223333", "PutObject")] == [False, False, True]


def test_a_file_that_is_not_a_picture_is_reported_in_its_place(emulator: Emulator, workflow: DeployedWorkflow) -> None:
    for key, body, says in (
        ("park/page.jpg", b"<h1>No picture</h1>", "not of a type that browsers show"),
        ("park/half.jpg", b"\xff\xd8\xff and no more", "not an image that can be read"),
    ):
        view = shown(emulator, workflow, key=key, body=body)
        text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
        assert says in text


def test_boxes_are_drawn_for_the_findings_of_checks(
    emulator: Emulator, workflow: DeployedWorkflow, sideways: bytes
) -> None:
    detail = {"people": 1, "boxes": [{"box": {"left": 0.25, "top": 0.5, "width": 0.125, "height": 0.2}}]}
    checks = [{"check": "no_people", "accepted": False, "reason": "NO_PEOPLE_ALLOWED", "detail": detail}]
    view = shown(emulator, workflow, key="park/e.jpg", body=sideways, checks=checks)
    text = report(emulator.endpoints, view=view, definition=DEFINITION, clean=without_positions)
    assert 'style="left:25.00%;top:50.00%;width:12.50%;height:20.00%"' in text


def test_boxes_are_found_as_rekognition_writes_them_and_beside_a_name() -> None:
    label = {"Name": "Cup", "Instances": [{"BoundingBox": {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}}]}
    (box,) = boxes_of({"labels": [label]})
    assert (box["name"], box["left"], box["height"]) == ("Cup", 0.1, 0.4)


def test_invalid_boxes_are_ignored() -> None:
    wrongs: list[Any] = [{"left": 2, "top": 0, "width": 1, "height": 1}, {"left": "0"}, "box", None, []]
    for wrong in wrongs:
        assert boxes_of([{"box": wrong}]) == []
