"""The console draws what every detector found: it reads the boxes in the answers of the steps."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber
from tests.local.rekognition.photographs import encoded, person
from tests.unit.workflow_events import check_event

import image_workflow.detect_labels.handler
import image_workflow.labels.handler
import image_workflow.no_people.handler
import image_workflow.words.handler
from safelight.core.models import model_folder
from safelight_contracts.detectors import Detector
from safelight_local.console.findings import boxes_of
from safelight_local.emulator.process import Emulator

PLACE = {"Left": 0.25, "Top": 0.5, "Width": 0.25, "Height": 0.25}
DRAWN = {"left": 0.25, "top": 0.5, "width": 0.25, "height": 0.25, "confidence": 90.0}
LABELS = {"Labels": [{"Name": "Person", "Confidence": 90.0, "Instances": [{"BoundingBox": PLACE, "Confidence": 90.0}]}]}
TEXT = {
    "TextDetections": [{"DetectedText": "Open", "Type": "LINE", "Confidence": 90.0, "Geometry": {"BoundingBox": PLACE}}]
}

Handler = Callable[[dict[str, Any], object], dict[str, Any]]


@pytest.mark.parametrize(
    ("handler", "operation", "reply", "required", "name"),
    [
        (image_workflow.no_people.handler.handler, "detect_labels", LABELS, [], "Person"),
        (image_workflow.labels.handler.handler, "detect_labels", LABELS, ["person"], "Person"),
        (image_workflow.words.handler.handler, "detect_text", TEXT, ["open"], "open"),
    ],
    ids=["no_people", "labels", "words"],
)
def test_what_rekognition_found_is_drawn(
    fake_rekognition: Stubber,
    *,
    handler: Handler,
    operation: str,
    reply: dict[str, Any],
    required: list[str],
    name: str,
) -> None:
    fake_rekognition.add_response(operation, reply)
    detail = handler(check_event(required=required), None)["detail"]
    assert boxes_of(detail) == [DRAWN | {"name": name}]


def test_what_the_check_for_people_without_routes_found_is_drawn(
    fake_rekognition: Stubber, versioned_upload: Callable[..., dict[str, Any]]
) -> None:
    fake_rekognition.add_response("detect_labels", LABELS)
    answer = image_workflow.detect_labels.handler.handler(versioned_upload(encoded(person())), None)
    assert boxes_of(answer["detail"]) == [DRAWN | {"name": "Person"}]


@pytest.mark.usefixtures("fake_rekognition")
def test_what_opencv_found_is_drawn(monkeypatch: pytest.MonkeyPatch, emulated_aws: Emulator, uploads: str) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(model_folder() / "python")])
    monkeypatch.setenv("DETECTOR", Detector.OPENCV)
    emulated_aws.endpoints.s3.put_object(Bucket=uploads, Key="a.jpg", Body=encoded(person()))
    event = check_event() | {"analysis": {"bucket": uploads, "key": "a.jpg"}}
    detail = image_workflow.no_people.handler.handler(event, None)["detail"]
    assert "Face" in {box["name"] for box in boxes_of(detail)}
