from typing import Any

import pytest
from botocore.stub import Stubber
from tests.unit.steps.conftest import ANALYSIS_IMAGE
from tests.unit.workflow_events import check_event

from image_workflow.no_people.handler import handler


def finds(fake: Stubber, *labels: dict[str, Any], **parameters: object) -> None:
    fake.add_response(
        "detect_labels", {"Labels": list(labels)}, expected_params={"Image": ANALYSIS_IMAGE, **parameters}
    )


def label(name: str, *, instances: int) -> dict[str, Any]:
    return {"Name": name, "Confidence": 90.0, "Instances": [{"Confidence": 90.0}] * instances}


def test_an_image_without_people_is_accepted(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, label("Cup", instances=2))
    assert handler(check_event(), None) == {"accepted": True, "reason": None, "detail": {"people": 0, "boxes": []}}


@pytest.mark.parametrize(("instances", "people"), [(0, 1), (1, 1), (3, 3)])
def test_a_person_rejects_and_counts_at_least_once(fake_rekognition: Stubber, instances: int, people: int) -> None:
    finds(fake_rekognition, label("Cup", instances=2), label("Person", instances=instances))
    assert handler(check_event(), None) == {
        "accepted": False,
        "reason": "NO_PEOPLE_ALLOWED",
        "detail": {"people": people, "boxes": []},
    }


def test_it_reports_where_people_are(fake_rekognition: Stubber) -> None:
    person = label("Person", instances=1)
    person["Instances"][0]["BoundingBox"] = {"Left": 0.25, "Top": 0.5, "Width": 0.125, "Height": 0.43219}
    finds(fake_rekognition, person, label("Cup", instances=1))
    box = {"left": 0.25, "top": 0.5, "width": 0.125, "height": 0.4322}
    assert handler(check_event(), None)["detail"]["boxes"] == [{"name": "Person", "confidence": 90.0, "box": box}]


def test_a_person_with_several_labels_has_one_box(fake_rekognition: Stubber) -> None:
    place = {"Confidence": 90.0, "BoundingBox": {"Left": 0.25, "Top": 0.5, "Width": 0.125, "Height": 0.25}}
    elsewhere = {"Confidence": 80.0, "BoundingBox": {"Left": 0.5, "Top": 0.5, "Width": 0.125, "Height": 0.25}}
    man = {"Name": "Man", "Confidence": 90.0, "Parents": [{"Name": "Person"}], "Instances": [place, elsewhere]}
    finds(fake_rekognition, man, man | {"Name": "Person", "Parents": [], "Instances": [place]})
    boxes = handler(check_event(), None)["detail"]["boxes"]
    assert [(one["name"], one["box"]["left"]) for one in boxes] == [("Person", 0.25), ("Man", 0.5)]


def test_the_number_of_boxes_is_bounded(fake_rekognition: Stubber) -> None:
    crowd = label("Person", instances=60)
    crowd["Instances"] = [
        {"Confidence": 90.0, "BoundingBox": {"Left": 0.01 * number, "Top": 0.0, "Width": 0.1, "Height": 1.0}}
        for number in range(60)
    ]
    finds(fake_rekognition, crowd)
    detail = handler(check_event(), None)["detail"]
    assert (detail["people"], len(detail["boxes"])) == (60, 25)


def test_the_confidence_of_the_check_is_passed_on(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, MinConfidence=72.5)
    assert handler(check_event(minConfidence=72.5), None)["accepted"]


def test_an_image_that_rekognition_rejects_is_unreadable(fake_rekognition: Stubber) -> None:
    fake_rekognition.add_client_error("detect_labels", service_error_code="InvalidImageFormatException")
    assert handler(check_event(), None)["reason"] == "UNREADABLE_IMAGE"
