import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber
from tests.unit.pictures import photograph
from tests.unit.steps.conftest import by_reference

from image_workflow.detect_labels.handler import handler

Upload = Callable[..., dict[str, Any]]


@pytest.fixture
def upload(versioned_upload: Upload) -> Upload:
    return versioned_upload


def label(name: str, *, instances: int = 0, confidence: float = 90) -> dict[str, Any]:
    return {"Name": name, "Confidence": confidence, "Instances": [{"Confidence": confidence}] * instances}


@pytest.fixture
def answer_to(upload: Upload, fake_rekognition: Stubber) -> Callable[..., dict[str, Any]]:
    def answer(*labels: dict[str, Any]) -> dict[str, Any]:
        event = upload(photograph(width=240, height=160))
        fake_rekognition.add_response(
            "detect_labels", {"Labels": list(labels)}, expected_params={"Image": by_reference(event)}
        )
        return handler(event, None)

    return answer


Answer = Callable[..., dict[str, Any]]


def test_an_image_without_people_is_accepted(answer_to: Answer) -> None:
    assert answer_to(label("Cup", instances=2, confidence=97.123)) == {
        "accepted": True,
        "reason": None,
        "detail": {"people": 0, "boxes": []},
        "labels": [{"name": "Cup", "confidence": 97.1, "instances": 2}],
    }


def test_people_are_counted_by_their_instances(answer_to: Answer) -> None:
    answer = answer_to(label("Person", instances=3), label("Cup", instances=2))
    assert (answer["accepted"], answer["reason"]) == (False, "NO_PEOPLE_ALLOWED")
    assert answer["detail"]["people"] == 3


def test_a_person_without_instances_counts_as_one(answer_to: Answer) -> None:
    answer = answer_to(label("Person"))
    assert (answer["accepted"], answer["detail"]["people"]) == (False, 1)


def test_it_reports_where_people_are(answer_to: Answer) -> None:
    person = label("Person", instances=1)
    person["Instances"][0]["BoundingBox"] = {"Left": 0.25, "Top": 0.5, "Width": 0.125, "Height": 0.25}
    box = {"left": 0.25, "top": 0.5, "width": 0.125, "height": 0.25}
    assert answer_to(person)["detail"]["boxes"] == [{"name": "Person", "confidence": 90, "box": box}]


def test_a_fully_transparent_image_is_accepted(answer_to: Answer) -> None:
    assert answer_to()["accepted"]


def test_a_person_counts_after_any_number_of_other_labels(answer_to: Answer) -> None:
    many = [label(f"thing {number}", instances=20) for number in range(1000)]
    answer = answer_to(*many, label("Person", instances=1, confidence=56))
    assert answer["detail"]["people"] == 1
    assert len(answer["labels"]) == 25
    assert len(json.dumps(answer)) < 4096


def test_a_rejection_for_another_reason_has_no_labels(upload: Upload) -> None:
    answer = handler(upload(b"a text file"), None)
    assert (answer["reason"], answer["labels"]) == ("UNREADABLE_IMAGE", [])
