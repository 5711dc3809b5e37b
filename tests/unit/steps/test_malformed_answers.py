"""A malformed Rekognition answer means that the check was not made, in every check and version."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.pictures import photograph
from tests.unit.workflow_events import check_event

import image_workflow.detect_labels.handler
import image_workflow.labels.handler
import image_workflow.moderate.handler
import image_workflow.moderation.handler
import image_workflow.no_people.handler
import image_workflow.words.handler
from awskit.rekognition.answers import MalformedAnswer

Answer = Callable[..., None]
Upload = Callable[..., dict[str, Any]]
Handler = Callable[[dict[str, Any], object], dict[str, Any]]

MODERATION = {"Name": "Violence", "Confidence": 90.0, "ParentName": ""}
LABEL = {"Name": "Cup", "Confidence": 90.0, "Instances": [], "Parents": [], "Aliases": []}
TEXT = {"DetectedText": "NEW YORK", "Type": "LINE", "Id": 0, "Confidence": 99.0}
BOX = {"Left": 0.1, "Top": 0.1, "Width": 0.1, "Height": 0.1}


def without(element: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in element.items() if key != name}


def lists_like(name: str) -> list[object]:
    """Answers whose list is not a list."""
    wrong: list[object] = [{}, None, "", 0, {"0": {}}, [None], ["Cup"], [[]]]
    twice = f'{{"{name}": [{{}}], "{name}": []}}'.encode()
    error = {"__type": "ThrottlingException", name: []}
    return [{}, {"Message": "?"}, *({name: value} for value in wrong), [], b"", b"{", b"null", twice, error]


WRONG_MODERATION = [
    *lists_like("ModerationLabels"),
    *(
        {"ModerationLabels": [label]}
        for label in (
            without(MODERATION, "Name"),
            without(MODERATION, "Confidence"),
            MODERATION | {"Name": ""},
            MODERATION | {"Name": 1},
            MODERATION | {"Confidence": "90"},
            MODERATION | {"Confidence": True},
            MODERATION | {"Confidence": float("nan")},
            MODERATION | {"ParentName": []},
        )
    ),
]
WRONG_LABELS = [
    *lists_like("Labels"),
    *(
        {"Labels": [label]}
        for label in (
            without(LABEL, "Name"),
            without(LABEL, "Confidence"),
            LABEL | {"Instances": {}},
            LABEL | {"Instances": [{"BoundingBox": [], "Confidence": 90.0}]},
            LABEL | {"Instances": [{"BoundingBox": without(BOX, "Left"), "Confidence": 90.0}]},
            LABEL | {"Instances": [{"BoundingBox": BOX}]},
            LABEL | {"Parents": {}},
            LABEL | {"Parents": [{}]},
            LABEL | {"Aliases": "Mug"},
        )
    ),
]
WRONG_TEXT = [
    *lists_like("TextDetections"),
    *(
        {"TextDetections": [text]}
        for text in (
            without(TEXT, "DetectedText"),
            without(TEXT, "Type"),
            without(TEXT, "Confidence"),
            TEXT | {"Type": "PAGE"},
            TEXT | {"Geometry": []},
            TEXT | {"Geometry": {"BoundingBox": []}},
            TEXT | {"Geometry": {"BoundingBox": without(BOX, "Width")}},
        )
    ),
]

CHECKS: list[tuple[Handler, dict[str, Any], list[object], object]] = [
    (image_workflow.moderation.handler.handler, {}, WRONG_MODERATION, {"ModerationLabels": []}),
    (image_workflow.no_people.handler.handler, {}, WRONG_LABELS, {"Labels": []}),
    (image_workflow.labels.handler.handler, {"required": []}, WRONG_LABELS, {"Labels": []}),
    (image_workflow.words.handler.handler, {"required": []}, WRONG_TEXT, {"TextDetections": []}),
]


@pytest.mark.parametrize(
    ("handler", "check", "wrong"),
    [(handler, check, wrong) for handler, check, answers, _ in CHECKS for wrong in answers],
)
def test_a_check_with_a_malformed_answer_is_not_made(
    raw_rekognition: Answer, handler: Handler, check: dict[str, Any], wrong: object
) -> None:
    raw_rekognition(wrong)
    with pytest.raises(MalformedAnswer):
        handler(check_event(**check), None)


@pytest.mark.parametrize("status", [201, 202, 204, 206])
@pytest.mark.parametrize(("handler", "check", "right"), [(one[0], one[1], one[3]) for one in CHECKS])
def test_an_answer_of_another_status_is_none(
    raw_rekognition: Answer, handler: Handler, check: dict[str, Any], right: object, status: int
) -> None:
    raw_rekognition(right, status=status)
    with pytest.raises(MalformedAnswer):
        handler(check_event(**check), None)


@pytest.mark.parametrize(("handler", "check", "right"), [(one[0], one[1], one[3]) for one in CHECKS])
def test_a_check_with_an_empty_answer_accepts(
    raw_rekognition: Answer, handler: Handler, check: dict[str, Any], right: object
) -> None:
    raw_rekognition(right)
    assert handler(check_event(**check), None)["accepted"]


@pytest.mark.parametrize(
    "handler", [image_workflow.moderate.handler.handler, image_workflow.detect_labels.handler.handler]
)
def test_a_workflow_without_routes_announces_no_route(
    raw_rekognition: Answer, versioned_upload: Upload, handler: Handler
) -> None:
    event = versioned_upload(photograph(width=240, height=160))
    raw_rekognition({"ModerationLabels": {}, "Labels": {}})
    with pytest.raises(MalformedAnswer):
        handler(event, None)
