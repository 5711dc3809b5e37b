"""Renditions of a route that redacts are made of the redacted image, or not at all."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from botocore.stub import ANY, Stubber
from PIL import Image
from tests.unit.recorded import Recorded
from tests.unit.redaction_functions.redacting import FACE, INSIDE, OUTSIDE, contrast, striped

from awskit.rejection import RejectedImage
from image_workflow.render.handler import MAX_PICTURES, handler
from safelight.image_workflow.steps import render
from safelight_contracts.redaction.boxes import BoxKind, boxes_from_json
from safelight_contracts.redaction.redact import Redact, redact_to_json

Upload = Callable[..., dict[str, Any]]
RENDITIONS = [{"name": "full", "width": 200, "height": None, "fit": "inside", "type": "PNG", "quality": None}]


@pytest.fixture
def published(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    monkeypatch.setenv("RENDITIONS", json.dumps(RENDITIONS))
    return aws


def redacting(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"render": {"redact": redact_to_json(Redact())}}


def sees(fake: Stubber, *boxes: dict[str, float]) -> None:
    faces = [{"BoundingBox": box, "Confidence": 99.0} for box in boxes]
    fake.add_response("detect_faces", {"FaceDetails": faces}, {"Image": {"Bytes": ANY}})


def test_a_rendition_shows_the_covered_image(upload: Upload, published: Recorded, fake_rekognition: Stubber) -> None:
    sees(fake_rekognition, FACE)
    answer = handler(redacting(upload(striped())), None)
    assert answer["redacted"]["counts"] == {"FACE": 1}
    (rendition,) = answer["renditions"]
    data = published.emulator.endpoints.s3.get_object(Bucket=published.bucket, Key=rendition["key"])["Body"].read()
    assert contrast(data, of=INSIDE) < 30
    assert contrast(data, of=OUTSIDE) > 200


def test_the_boxes_that_were_covered_are_returned(
    upload: Upload, published: Recorded, fake_rekognition: Stubber
) -> None:
    del published
    sees(fake_rekognition, {"Left": 0.25, "Top": 0.5, "Width": 0.125, "Height": 0.0625})
    (box,) = boxes_from_json(handler(redacting(upload(striped())), None)["redacted"]["boxes"])
    assert (box.kind, box.left, box.top, box.width, box.height) == (BoxKind.FACE, 0.25, 0.5, 0.125, 0.0625)


def test_boxes_are_on_the_upright_image(upload: Upload, published: Recorded, fake_rekognition: Stubber) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    sees(fake_rekognition, {"Left": 0.5, "Top": 0.5, "Width": 0.5, "Height": 0.5})
    (rendition,) = handler(redacting(upload(striped(exif=exif))), None)["renditions"]
    data = published.emulator.endpoints.s3.get_object(Bucket=published.bucket, Key=rendition["key"])["Body"].read()
    assert contrast(data, of=(110, 90, 200, 160)) < 30
    assert contrast(data, of=OUTSIDE) > 200


def test_without_an_answer_of_the_detector_nothing_is_written(
    upload: Upload, published: Recorded, fake_rekognition: Stubber
) -> None:
    fake_rekognition.add_client_error("detect_faces", "ThrottlingException", http_status_code=400)
    with pytest.raises(Exception, match="ThrottlingException"):
        handler(redacting(upload(striped())), None)
    assert published.keys() == []


def test_an_animation_is_rejected(upload: Upload, published: Recorded) -> None:
    file = BytesIO()
    frames = [Image.new("RGB", (100, 100), color) for color in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(RejectedImage) as rejection:
        handler(redacting(upload(file.getvalue())), None)
    assert json.loads(str(rejection.value))["reason"] == "UNSUPPORTED_TYPE"
    assert published.keys() == []


@pytest.mark.usefixtures("published")
def test_a_route_that_does_not_redact_asks_nobody(upload: Upload, fake_rekognition: Stubber) -> None:
    assert "redacted" not in handler(upload(striped()) | {"render": {"redact": None}}, None)
    fake_rekognition.assert_no_pending_responses()


@pytest.mark.parametrize("event", [{"render": {}}, {"render": {"renditions": ["full"]}}, {}])
def test_without_a_word_about_what_is_covered_nothing_is_written(
    upload: Upload, published: Recorded, event: dict[str, Any]
) -> None:
    with pytest.raises(KeyError):
        handler(upload(striped()) | event, None)
    assert published.keys() == []


def test_all_searches_of_an_image_take_two_thirds_of_the_function_at_most() -> None:
    kinds, seconds_a_call = 3, 0.4
    assert kinds * MAX_PICTURES * seconds_a_call <= render.STEP.timeout * 2 / 3
