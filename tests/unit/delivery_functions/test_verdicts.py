"""Faces and moderation: Rekognition is asked once for each content of a source, and only if the request needs it."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from botocore.stub import ANY, Stubber
from PIL import Image
from tests.unit.delivery_functions.delivering import Answered, Delivering, photograph, signed_target
from tests.unit.delivery_functions.test_permissions import from_edge

from awskit import clients
from awskit.rekognition import client
from awskit.rekognition.answers import MalformedAnswer, face_details
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.settings import DeliverySettings

FACES = {"width": "80", "height": "80", "fit": "cover", "focus": "faces"}
# A picture that is checked is decoded at its full size, so that its values differ a little.
SAME, BLURRED = 3, 15
MODERATED = {"contentModeration": {"minConfidence": 60, "blur": 20}}


@pytest.fixture
def delivery(configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings) -> Delivering:
    """A delivery that crops to faces for a preset, and moderates what is signed, with a photograph."""
    presets = {"face": FACES, "plain": {"width": "80", "height": "80", "fit": "cover"}}
    delivering = configure(replace(signing, presets=presets))
    delivering.put(photograph("astronaut.png"))
    return delivering


def finds_face(fake: Stubber, *, left: float) -> None:
    box = {"Left": left, "Top": 0.1, "Width": 0.1, "Height": 0.1}
    fake.add_response("detect_faces", {"FaceDetails": [{"BoundingBox": box}]}, {"Image": {"Bytes": ANY}})


def finds_labels(fake: Stubber, **confidences: float) -> None:
    found = [{"Name": name, "Confidence": confidence, "ParentName": ""} for name, confidence in confidences.items()]
    fake.add_response(
        "detect_moderation_labels", {"ModerationLabels": found}, {"Image": {"Bytes": ANY}, "MinConfidence": 0.0}
    )


def edited(delivery: Delivering, **edits: object) -> Answered:
    """Ask for edits by a signed JSON document."""
    document = {"key": "a.jpg", "edits": {"resize": {"width": 80}, **edits}, "outputFormat": "png"}
    path = base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
    return delivery.send(*signed_target(f"/{path}"))


def test_a_crop_keeps_the_face(delivery: Delivering, fake_rekognition: Stubber) -> None:
    delivery.put(photograph("coffee.png"))
    finds_face(fake_rekognition, left=0.9)
    right = delivery.get(preset="face")
    delivery.put(photograph("coffee.png"), key="b.jpg")
    finds_face(fake_rekognition, left=0.0)
    left = delivery.get("b.jpg", preset="face")
    assert right.picture.size == left.picture.size == (80, 80)
    assert right.body != left.body


def test_no_face_is_an_answer(delivery: Delivering, fake_rekognition: Stubber) -> None:
    fake_rekognition.add_response("detect_faces", {"FaceDetails": []}, {"Image": {"Bytes": ANY}})
    assert delivery.get(preset="face").picture.size == (80, 80)


def test_rekognition_is_asked_once_for_a_source(delivery: Delivering, fake_rekognition: Stubber) -> None:
    finds_face(fake_rekognition, left=0.4)
    for accept in ("image/avif", "image/webp", "*/*"):
        assert delivery.get(preset="face", accept=accept).status == 200


def test_rekognition_is_asked_again_about_a_replaced_source(delivery: Delivering, fake_rekognition: Stubber) -> None:
    for picture in ("astronaut.png", "chelsea.png"):
        delivery.put(photograph(picture))
        finds_face(fake_rekognition, left=0.4)
        assert delivery.get(preset="face").status == 200


def test_what_was_found_in_a_source_that_is_gone_meanwhile_is_not_kept(
    delivery: Delivering, fake_rekognition: Stubber
) -> None:
    def forget_source(params: dict[str, str], **_: object) -> None:
        if params["Key"].startswith("f1/"):
            delivery.delete()
            assert delivery.forget("a.jpg") == []

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", forget_source)
    finds_face(fake_rekognition, left=0.4)
    assert delivery.get(preset="face").is_refusal(Refusal.NOT_FOUND)
    assert delivery.stored("") == []


@pytest.mark.usefixtures("fake_rekognition")
def test_rekognition_is_not_asked_if_the_request_does_not_need_it(delivery: Delivering) -> None:
    assert delivery.get(preset="plain").status == 200


@pytest.mark.usefixtures("fake_rekognition")
def test_rekognition_is_not_asked_about_a_picture_that_is_too_small_for_it(delivery: Delivering) -> None:
    delivery.put(photograph(width=90))
    assert delivery.get(preset="face").status == 200


@pytest.mark.parametrize("status", [400, 500])
def test_a_failure_of_rekognition_is_no_picture(delivery: Delivering, fake_rekognition: Stubber, status: int) -> None:
    fake_rekognition.add_client_error("detect_moderation_labels", "ThrottlingException", http_status_code=status)
    assert edited(delivery, **MODERATED).is_refusal(Refusal.SOURCE_UNAVAILABLE)
    assert delivery.stored() == []


def test_a_malformed_answer_of_rekognition_is_no_picture(delivery: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    class Malformed:
        def detect_moderation_labels(self, **_: object) -> dict[str, object]:
            return {}

    monkeypatch.setattr(client, "rekognition", Malformed)
    assert edited(delivery, **MODERATED).is_refusal(Refusal.SOURCE_UNAVAILABLE)
    assert delivery.stored() == []


@pytest.mark.parametrize(
    "faces",
    [None, {}, "", [None], [{}], [{"BoundingBox": None}], [{"BoundingBox": {"Left": "0"}}], [{"BoundingBox": []}]],
)
def test_an_answer_whose_faces_have_no_boxes_is_malformed(faces: object) -> None:
    with pytest.raises(MalformedAnswer):
        face_details({"FaceDetails": faces})


PLACE = {"Left": 0.2, "Top": 0.2, "Width": 0.5, "Height": 0.5}


@pytest.mark.parametrize(
    "change",
    [
        {"Left": -5e9},
        {"Top": 1e300},
        {"Left": 1e300, "Width": 1e300},
        {"Width": 1e300},
        {"Height": 3},
        {"Left": 2.1},
        {"Top": -1.1},
        {"Width": 0},
        {"Height": -0.1},
        {"Left": 1, "Width": 1e-300},
    ],
    ids=str,
)
def test_an_answer_whose_face_is_far_outside_or_has_no_area_is_malformed(change: dict[str, float]) -> None:
    with pytest.raises(MalformedAnswer):
        face_details({"FaceDetails": [{"BoundingBox": PLACE | change}]})


@pytest.mark.parametrize("change", [{}, {"Left": -0.2}, {"Top": 0.9}, {"Left": -0.4, "Width": 1.8}, {"Width": 1e-6}])
def test_a_face_may_be_cut_by_an_edge(change: dict[str, float]) -> None:
    faces = [{"BoundingBox": PLACE | change}]
    assert face_details({"FaceDetails": faces}) == faces


def test_a_malformed_box_is_not_kept(delivery: Delivering, fake_rekognition: Stubber) -> None:
    finds_face(fake_rekognition, left=-5e9)
    assert delivery.get(preset="face").is_refusal(Refusal.SOURCE_UNAVAILABLE)
    assert delivery.stored("") == []
    finds_face(fake_rekognition, left=0.4)
    assert delivery.get(preset="face").status == 200


def test_a_picture_is_blurred_if_a_label_is_as_confident_as_the_request_says(
    delivery: Delivering, fake_rekognition: Stubber
) -> None:
    plain = edited(delivery)
    finds_labels(fake_rekognition, Violence=60.0)
    assert difference(edited(delivery, **MODERATED), plain) > BLURRED
    surer = {"contentModeration": {"minConfidence": 61, "blur": 20}}
    assert difference(edited(delivery, **surer), plain) < SAME


def test_only_the_labels_that_the_request_names_count(delivery: Delivering, fake_rekognition: Stubber) -> None:
    plain = edited(delivery)
    finds_labels(fake_rekognition, Violence=99.0)
    other = {"contentModeration": {"moderationLabels": ["Nudity"]}}
    assert difference(edited(delivery, **other), plain) < SAME
    named = {"contentModeration": {"moderationLabels": ["Violence"]}}
    assert difference(edited(delivery, **named), plain) > BLURRED


def test_what_was_found_is_deleted_with_its_source_although_no_result_was_stored(
    delivery: Delivering,
    configure: Callable[[DeliverySettings], Delivering],
    signing: DeliverySettings,
    fake_rekognition: Stubber,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behind_edge = replace(signing, presets={"face": FACES}, has_edge=True)
    configure(behind_edge)
    path, headers = from_edge("preset=face", settings=behind_edge)
    finds_face(fake_rekognition, left=0.4)
    with monkeypatch.context() as fails:
        fails.setattr("awskit.delivery.making.make_picture", lambda *_, **__: 1 / 0)
        assert delivery.send(path, headers=headers).status == 500
    assert delivery.stored("f1/")
    assert delivery.stored() == []
    assert delivery.forget("a.jpg") == []
    assert delivery.stored("f1/") == []


def almost_clear(picture: Image.Image) -> Image.Image:
    """Make a picture almost transparent."""
    picture.putalpha(10)
    return picture


def almost_white(picture: Image.Image) -> Image.Image:
    """Take most of the contrast of a picture."""
    return picture.convert("L").point([252 + value // 64 for value in range(256)])


def white(picture: Image.Image) -> Image.Image:
    return Image.new("RGB", picture.size, "white")


HIDING: list[tuple[Callable[[Image.Image], Image.Image], dict[str, Any]]] = [
    (almost_clear, {"removeAlpha": True}),
    (almost_white, {"normalize": True}),
    (white, {"overlayWith": {"key": "mark.png", "alpha": "0"}}),
]


@pytest.fixture(params=HIDING, ids=lambda it: next(iter(it[1])))
def showing(delivery: Delivering, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Put a source that shows almost nothing, and return edits that show a photograph."""
    hide, edits = request.param
    file = BytesIO()
    hide(Image.open(BytesIO(photograph("astronaut.png")))).save(file, "PNG")
    delivery.put(file.getvalue())
    delivery.put(photograph("astronaut.png", width=80, image_type="PNG"), key="mark.png")
    return dict(edits)


def test_the_picture_that_is_published_is_the_one_that_is_moderated(
    delivery: Delivering, fake_rekognition: Stubber, showing: dict[str, Any]
) -> None:
    seen: list[bytes] = []
    client.rekognition().meta.events.register(
        "provide-client-params.rekognition.DetectModerationLabels",
        lambda params, **_: seen.append(params["Image"]["Bytes"]),
    )
    finds_labels(fake_rekognition)
    published = edited(delivery, **showing, **MODERATED).picture
    checked = Image.open(BytesIO(seen[0])).resize(published.size)
    assert difference_of(checked, published) < BLURRED
    assert np.asarray(published).std() > BLURRED


def test_all_that_is_published_is_blurred(
    delivery: Delivering, fake_rekognition: Stubber, showing: dict[str, Any]
) -> None:
    plain = edited(delivery, **showing)
    finds_labels(fake_rekognition, Violence=60.0)
    assert difference(edited(delivery, **showing, **MODERATED), plain) > BLURRED


def difference(one: Answered, other: Answered) -> float:
    """The mean difference of two pictures' values, 0 to 255."""
    return difference_of(one.picture, other.picture)


def difference_of(one: Image.Image, other: Image.Image) -> float:
    pixels = [np.asarray(picture.convert("RGB"), float) for picture in (one, other)]
    return float(np.abs(pixels[0] - pixels[1]).mean())


LONG = {"width": 1600, "height": 99, "fit": "cover"}


def test_a_picture_that_is_too_long_to_be_moderated_is_refused_by_name(delivery: Delivering) -> None:
    answer = edited(delivery, resize=LONG, **MODERATED)
    assert answer.is_refusal(Refusal.BAD_PARAMETER)
    assert answer.error["parameter"] == "contentModeration"
    assert "1600 x 99" in answer.error["message"]


def test_that_a_picture_is_too_long_says_nothing_about_its_source(delivery: Delivering) -> None:
    edited(delivery, resize=LONG, **MODERATED)
    assert delivery.stored("l1/") == []
    assert edited(delivery, resize=LONG).picture.size == (1600, 99)
