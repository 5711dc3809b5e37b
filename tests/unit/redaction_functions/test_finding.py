"""What is found in an image, by a fake Rekognition and by the detector inside the function."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
from botocore.stub import ANY, Stubber
from PIL import Image

from awskit.redaction.finding import find_boxes
from awskit.redaction.questions import MAX_WORDS
from awskit.rejection import RejectedImage, UploadFault
from awskit.rekognition.answers import MalformedAnswer
from imagekit.decoding.limits import inspect
from imagekit.redaction.search_places import MAX_FACES
from imagekit.sandbox.redaction import opened_in_sandbox
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.boxes import Box, BoxKind
from safelight_contracts.redaction.redact import Redact

FACE = {"Left": 0.25, "Top": 0.5, "Width": 0.125, "Height": 0.25}
EVERYTHING = Redact(faces=True, text=True, plates=True)


def picture(width: int = 320, height: int = 240, *, mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


def find(data: bytes, redact: Redact, *, max_pictures: int = 100) -> list[Box]:
    limits = Limits()
    with opened_in_sandbox(data, header=inspect(data, limits=limits), limits=limits) as image:
        return find_boxes(image, redact=redact, max_pictures=max_pictures)


def sees_faces(fake: Stubber, *boxes: dict[str, float]) -> None:
    fake.add_response(
        "detect_faces",
        {"FaceDetails": [{"BoundingBox": box, "Confidence": 99.0} for box in boxes]},
        {"Image": {"Bytes": ANY}},
    )


def sees_texts(fake: Stubber, *boxes: dict[str, float], kind: str = "WORD") -> None:
    texts = [
        {"DetectedText": "X", "Type": kind, "Id": 0, "Confidence": 90.0, "Geometry": {"BoundingBox": box}}
        for box in boxes
    ]
    fake.add_response("detect_text", {"TextDetections": texts}, {"Image": {"Bytes": ANY}, "Filters": ANY})


def sees_labels(fake: Stubber, *labels: dict[str, Any]) -> None:
    fake.add_response("detect_labels", {"Labels": list(labels)}, {"Image": {"Bytes": ANY}, "MinConfidence": ANY})


def car(*boxes: dict[str, float]) -> dict[str, Any]:
    instances = [{"BoundingBox": box, "Confidence": 80.0} for box in boxes]
    return {"Name": "Car", "Confidence": 80.0, "Instances": instances, "Parents": [], "Aliases": []}


def test_a_face_is_where_rekognition_sees_it(fake_rekognition: Stubber) -> None:
    sees_faces(fake_rekognition, FACE)
    (box,) = find(picture(), Redact())
    assert (box.kind, box.left, box.top, box.width, box.height) == (BoxKind.FACE, 0.25, 0.5, 0.125, 0.25)


def test_no_faces_is_an_answer(fake_rekognition: Stubber) -> None:
    sees_faces(fake_rekognition)
    assert find(picture(), Redact()) == []


def test_a_large_image_is_searched_in_tiles_too(fake_rekognition: Stubber) -> None:
    for boxes in ([], [FACE], []):
        sees_faces(fake_rekognition, *boxes)
    (box,) = find(picture(5_000, 3_000), Redact())
    assert box.width < FACE["Width"]
    assert box.height == pytest.approx(FACE["Height"])


def test_at_a_hundred_faces_closer_tiles_are_searched(fake_rekognition: Stubber) -> None:
    small = {"Width": 0.01, "Height": 0.01}
    hundred = [{"Left": number % 10 / 10, "Top": number // 10 / 10, **small} for number in range(MAX_FACES)]
    sees_faces(fake_rekognition, *hundred)
    for boxes in ([], [], [], [{"Left": 0.95, "Top": 0.95, **small}]):
        sees_faces(fake_rekognition, *boxes)
    assert len(find(picture(640, 640), Redact())) == MAX_FACES + 1


@pytest.mark.parametrize("kind", ["faces", "words"])
def test_a_search_that_may_be_incomplete_is_rejected_by_name(fake_rekognition: Stubber, kind: str) -> None:
    if kind == "faces":
        sees_faces(fake_rekognition, *[FACE] * MAX_FACES)
    else:
        sees_texts(fake_rekognition, *[FACE] * MAX_WORDS)
    with pytest.raises(RejectedImage) as raised:
        find(picture(), Redact(faces=kind == "faces", text=kind == "words"))
    assert raised.value.reason is UploadFault.SEARCH_INCOMPLETE


def test_lines_do_not_count_as_words(fake_rekognition: Stubber) -> None:
    sees_texts(fake_rekognition, *[FACE] * MAX_WORDS, kind="LINE")
    (text,) = find(picture(), Redact(faces=False, text=True))
    assert text.kind is BoxKind.TEXT


def test_a_transparent_image_is_searched_on_white_and_on_black_and_without_transparency(
    fake_rekognition: Stubber,
) -> None:
    sees_faces(fake_rekognition)
    sees_faces(fake_rekognition)
    sees_faces(fake_rekognition, FACE)
    assert len(find(picture(mode="RGBA"), Redact())) == 1


def test_text_inside_a_vehicle_is_a_plate(fake_rekognition: Stubber) -> None:
    inside = {"Left": 0.3, "Top": 0.6, "Width": 0.05, "Height": 0.02}
    outside = {"Left": 0.8, "Top": 0.1, "Width": 0.05, "Height": 0.02}
    sees_texts(fake_rekognition, inside, outside)
    sees_labels(fake_rekognition, car(FACE))
    (plate,) = find(picture(), Redact(faces=False, plates=True))
    assert plate.kind is BoxKind.PLATE
    assert plate.left < inside["Left"]


def test_if_rekognition_does_not_say_where_a_vehicle_is_every_text_is_a_plate(fake_rekognition: Stubber) -> None:
    sees_texts(fake_rekognition, FACE)
    sees_labels(fake_rekognition, car())
    assert [box.kind for box in find(picture(), Redact(faces=False, plates=True))] == [BoxKind.PLATE]


def seen(name: str, *, parents: Sequence[str]) -> dict[str, Any]:
    """What Rekognition says of something whose place it does not know."""
    above = [{"Name": it} for it in parents]
    return {"Name": name, "Confidence": 97.0, "Instances": [], "Parents": above, "Aliases": []}


BESIDE = {"Left": 0.8, "Top": 0.1, "Width": 0.05, "Height": 0.02}


@pytest.mark.parametrize(
    ("name", "parents"), [("Van", ["Vehicle"]), ("Ambulance", ["Van", "Vehicle"]), ("License Plate", [])]
)
def test_beside_a_vehicle_that_has_a_place_one_without_a_place_can_be_anywhere(
    fake_rekognition: Stubber, name: str, parents: list[str]
) -> None:
    sees_texts(fake_rekognition, BESIDE)
    sees_labels(fake_rekognition, car(FACE), seen(name, parents=parents))
    assert len(find(picture(), Redact(faces=False, plates=True))) == 1


@pytest.mark.parametrize(("name", "parents"), [("Sedan", ["Car", "Vehicle"]), ("Vehicle", []), ("Automobile", [])])
def test_another_name_of_a_vehicle_that_has_a_place_is_no_other_vehicle(
    fake_rekognition: Stubber, name: str, parents: list[str]
) -> None:
    sees_texts(fake_rekognition, BESIDE)
    placed = car(FACE) | {"Parents": [{"Name": "Vehicle"}], "Aliases": [{"Name": "Automobile"}]}
    sees_labels(fake_rekognition, placed, seen(name, parents=parents))
    assert find(picture(), Redact(faces=False, plates=True)) == []


def test_a_plate_without_a_vehicle_is_a_plate(fake_rekognition: Stubber) -> None:
    sees_texts(fake_rekognition, FACE)
    sees_labels(fake_rekognition, seen("License Plate", parents=[]))
    assert [box.kind for box in find(picture(), Redact(faces=False, plates=True))] == [BoxKind.PLATE]


def test_without_text_no_vehicle_is_searched(fake_rekognition: Stubber) -> None:
    sees_texts(fake_rekognition)
    assert find(picture(), Redact(faces=False, plates=True)) == []


def test_everything_is_found_at_once(fake_rekognition: Stubber) -> None:
    sees_faces(fake_rekognition, FACE)
    sees_texts(fake_rekognition, FACE)
    sees_labels(fake_rekognition, car(FACE))
    assert {box.kind for box in find(picture(), EVERYTHING)} == set(BoxKind)


@pytest.mark.parametrize("change", [{"Width": -0.1}, {"Left": 11.0}])
def test_a_box_that_no_detector_can_mean_is_malformed(fake_rekognition: Stubber, change: dict[str, float]) -> None:
    sees_faces(fake_rekognition, FACE | change)
    with pytest.raises(MalformedAnswer):
        find(picture(), Redact())


def test_a_face_without_a_confidence_is_malformed(fake_rekognition: Stubber) -> None:
    fake_rekognition.add_response("detect_faces", {"FaceDetails": [{"BoundingBox": FACE}]})
    with pytest.raises(MalformedAnswer):
        find(picture(), Redact())


def test_a_text_without_a_box_is_malformed(fake_rekognition: Stubber) -> None:
    text = {"DetectedText": "X", "Type": "WORD", "Confidence": 90.0}
    fake_rekognition.add_response("detect_text", {"TextDetections": [text]})
    with pytest.raises(MalformedAnswer):
        find(picture(), Redact(faces=False, text=True))


@pytest.mark.parametrize(
    ("redact", "operation"),
    [(Redact(), "detect_faces"), (Redact(faces=False, text=True), "detect_text")],
)
def test_an_error_is_never_nothing(fake_rekognition: Stubber, redact: Redact, operation: str) -> None:
    fake_rekognition.add_client_error(operation, "ThrottlingException", http_status_code=400)
    with pytest.raises(Exception, match="ThrottlingException"):
        find(picture(), redact)


def test_an_error_about_vehicles_is_never_none(fake_rekognition: Stubber) -> None:
    sees_texts(fake_rekognition, FACE)
    fake_rekognition.add_client_error("detect_labels", "InternalServerError", http_status_code=500)
    with pytest.raises(Exception, match="InternalServerError"):
        find(picture(), Redact(faces=False, plates=True))


@pytest.mark.parametrize("budget", [4, 5])
def test_a_search_ends_where_its_pictures_are_used_up(fake_rekognition: Stubber, budget: int) -> None:
    small = {"Width": 0.01, "Height": 0.01}
    hundred = [{"Left": 0.09 * (at % 10), "Top": 0.09 * (at // 10), **small} for at in range(MAX_FACES)]
    sees_faces(fake_rekognition, *hundred)
    if budget == 4:
        with pytest.raises(RejectedImage) as raised:
            find(picture(640, 640), Redact(), max_pictures=budget)
        assert raised.value.reason is UploadFault.SEARCH_INCOMPLETE
        return
    for _ in range(4):
        sees_faces(fake_rekognition)
    assert len(find(picture(640, 640), Redact(), max_pictures=budget)) == MAX_FACES
