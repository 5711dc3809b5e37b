from typing import Any

import pytest
from botocore.stub import Stubber
from tests.unit.steps.conftest import ANALYSIS_IMAGE
from tests.unit.workflow_events import check_event

from image_workflow.labels.handler import handler

LICENSE = {
    "Name": "Driving License",
    "Confidence": 98.0,
    "Aliases": [{"Name": "Driver's Licence"}],
    "Parents": [{"Name": "Document"}, {"Name": "Text"}],
}


def answer_to(fake: Stubber, *, found: list[dict[str, Any]], **check: Any) -> dict[str, Any]:
    fake.add_response("detect_labels", {"Labels": found}, expected_params={"Image": ANALYSIS_IMAGE})
    return handler(check_event(**check), None)


@pytest.mark.parametrize("name", ["Driving License", "driving license", "Driver's Licence", "Document", "TEXT"])
def test_a_label_matches_by_name_alias_or_parent(fake_rekognition: Stubber, name: str) -> None:
    assert answer_to(fake_rekognition, found=[LICENSE], required=[name]) == {
        "accepted": True,
        "reason": None,
        "detail": {"missing": [], "boxes": []},
    }


def test_it_reports_where_required_labels_were_found(fake_rekognition: Stubber) -> None:
    box = {"Left": -0.01, "Top": 0.5, "Width": 0.5, "Height": 0.25}
    person = {"Name": "Person", "Confidence": 90.04, "Instances": [{"Confidence": 90.04, "BoundingBox": box}]}
    cup = person | {"Name": "Cup"}
    (found,) = answer_to(fake_rekognition, found=[cup, person], required=["person"])["detail"]["boxes"]
    assert found == {
        "name": "Person",
        "confidence": 90.0,
        "box": {"left": 0.0, "top": 0.5, "width": 0.49, "height": 0.25},
    }


@pytest.mark.parametrize("name", ["Driver's Licence", "Document"])
def test_it_reports_where_a_label_that_matches_by_alias_or_parent_was_found(
    fake_rekognition: Stubber, name: str
) -> None:
    place = {"Confidence": 98.0, "BoundingBox": {"Left": 0.1, "Top": 0.2, "Width": 0.5, "Height": 0.25}}
    answer = answer_to(fake_rekognition, found=[LICENSE | {"Instances": [place]}], required=[name, "Passport"])
    assert [one["name"] for one in answer["detail"]["boxes"]] == ["Driving License"]


def test_every_required_label_must_be_there(fake_rekognition: Stubber) -> None:
    answer = answer_to(fake_rekognition, found=[LICENSE], required=["Driving License", "Person", "Passport"])
    assert answer == {
        "accepted": False,
        "reason": "MISSING_LABELS",
        "detail": {"missing": ["Person", "Passport"], "boxes": []},
    }


def test_a_person_does_not_fail_a_check_of_labels(fake_rekognition: Stubber) -> None:
    person = {"Name": "Person", "Confidence": 90.0, "Instances": [{"Confidence": 90.0}]}
    assert answer_to(fake_rekognition, found=[LICENSE, person], required=["Person"])["accepted"]


def test_a_partial_name_does_not_match(fake_rekognition: Stubber) -> None:
    assert not answer_to(fake_rekognition, found=[LICENSE], required=["License"])["accepted"]


def test_the_confidence_of_the_check_is_passed_on(fake_rekognition: Stubber) -> None:
    fake_rekognition.add_response(
        "detect_labels", {"Labels": [LICENSE]}, expected_params={"Image": ANALYSIS_IMAGE, "MinConfidence": 80.0}
    )
    assert handler(check_event(required=["Text"], minConfidence=80), None)["accepted"]


def test_an_image_that_rekognition_rejects_is_unreadable(fake_rekognition: Stubber) -> None:
    fake_rekognition.add_client_error("detect_labels", service_error_code="ImageTooLargeException")
    assert handler(check_event(required=["Text"]), None)["reason"] == "UNREADABLE_IMAGE"
