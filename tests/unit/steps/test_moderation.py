import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from tests.unit.steps.conftest import ANALYSIS_IMAGE
from tests.unit.workflow_events import check_event

from image_workflow.moderation.handler import handler

DRINKING = [("Alcohol", ""), ("Alcoholic Beverages", "Alcohol")]
SMOKING = [("Drugs & Tobacco", ""), ("Drugs & Tobacco Paraphernalia & Use", "Drugs & Tobacco")]
PILLS = [*SMOKING, ("Smoking", "Drugs & Tobacco Paraphernalia & Use")]


def finds(fake: Stubber, labels: list[tuple[str, str]], **parameters: object) -> None:
    found = [{"Name": name, "Confidence": 90.0, "ParentName": parent} for name, parent in labels]
    fake.add_response(
        "detect_moderation_labels",
        {"ModerationLabels": found},
        expected_params={"Image": ANALYSIS_IMAGE, **parameters},
    )


def names_of(answer: dict[str, dict[str, list[dict[str, str]]]]) -> list[str]:
    return [label["name"] for label in answer["detail"]["labels"]]


def test_the_analysis_image_is_checked_by_reference(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, [])
    assert handler(check_event(minConfidence=None, allow=[]), None) == {
        "accepted": True,
        "reason": None,
        "detail": {"labels": []},
    }


def test_the_version_of_the_analysis_image_is_checked(fake_rekognition: Stubber) -> None:
    shown = {"S3Object": ANALYSIS_IMAGE["S3Object"] | {"Version": "7"}}
    fake_rekognition.add_response(
        "detect_moderation_labels", {"ModerationLabels": []}, expected_params={"Image": shown}
    )
    assert handler(check_event(version_id="7"), None)["accepted"]


def test_the_confidence_of_the_check_has_priority_over_that_of_the_function(
    fake_rekognition: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIN_CONFIDENCE", "99")
    finds(fake_rekognition, [], MinConfidence=60.0)
    finds(fake_rekognition, [])
    assert handler(check_event(minConfidence=60), None)["accepted"]
    assert handler(check_event(minConfidence=None), None)["accepted"]


def test_without_allowed_labels_any_label_rejects(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, DRINKING)
    answer = handler(check_event(), None)
    assert answer["reason"] == "FAILED_MODERATION"
    assert names_of(answer) == ["Alcohol", "Alcoholic Beverages"]


@pytest.mark.parametrize("allow", ["Alcohol", "alcohol", "ALCOHOL"])
def test_an_allowed_label_of_the_first_level_allows_all_beneath_it(fake_rekognition: Stubber, allow: str) -> None:
    finds(fake_rekognition, DRINKING)
    assert handler(check_event(allow=[allow]), None)["accepted"]


@pytest.mark.parametrize("allow", [name for name, _ in PILLS])
def test_an_allowed_label_of_any_level_does_not_reject_by_the_labels_above_it(
    fake_rekognition: Stubber, allow: str
) -> None:
    finds(fake_rekognition, PILLS)
    assert handler(check_event(allow=[allow]), None)["accepted"]


def test_a_label_next_to_an_allowed_one_rejects(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, [*DRINKING, *SMOKING])
    answer = handler(check_event(allow=["Alcohol"]), None)
    assert names_of(answer) == ["Drugs & Tobacco", "Drugs & Tobacco Paraphernalia & Use"]


def test_a_sibling_of_an_allowed_label_rejects_with_all_above_it(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, [*PILLS, ("Pills", "Drugs & Tobacco Paraphernalia & Use")])
    answer = handler(check_event(allow=["Smoking"]), None)
    assert names_of(answer) == ["Drugs & Tobacco", "Drugs & Tobacco Paraphernalia & Use", "Pills"]


def test_a_single_label_is_allowed_by_the_name_of_its_parent(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, [("Alcoholic Beverages", "Alcohol")])
    assert handler(check_event(allow=["Alcohol"]), None)["accepted"]


def test_circular_labels_reject_and_terminate(fake_rekognition: Stubber) -> None:
    finds(fake_rekognition, [("A", "B"), ("B", "A")])
    assert not handler(check_event(allow=["Alcohol"]), None)["accepted"]


@pytest.mark.parametrize("code", ["InvalidImageFormatException", "ImageTooLargeException"])
def test_an_image_that_rekognition_rejects_is_unreadable(fake_rekognition: Stubber, code: str) -> None:
    fake_rekognition.add_client_error("detect_moderation_labels", service_error_code=code)
    assert handler(check_event(), None)["reason"] == "UNREADABLE_IMAGE"


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "InvalidS3ObjectException"])
def test_other_faults_than_the_images_are_errors(fake_rekognition: Stubber, code: str) -> None:
    fake_rekognition.add_client_error("detect_moderation_labels", service_error_code=code)
    with pytest.raises(ClientError, match=code):
        handler(check_event(), None)
