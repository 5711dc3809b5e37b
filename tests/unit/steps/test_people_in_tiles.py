"""People are counted in each tile of an analysis image, and the tile with the most counts."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber
from PIL import Image
from tests.unit.pictures import encoded
from tests.unit.steps.conftest import ANALYSIS_IMAGE, BY_BYTES
from tests.unit.workflow_events import check_event

import image_workflow.detect_labels.handler
import image_workflow.no_people.handler

Upload = Callable[..., dict[str, Any]]


def at(left: float, top: float, *, width: float = 0.1, height: float = 0.1) -> dict[str, Any]:
    box = {"Left": left, "Top": top, "Width": width, "Height": height}
    return {"Confidence": 90.0, "BoundingBox": box}


def people(*instances: dict[str, Any], name: str = "Person", parents: tuple[str, ...] = ()) -> dict[str, Any]:
    above = [{"Name": parent} for parent in parents]
    return {"Name": name, "Confidence": 90.0, "Instances": list(instances), "Parents": above}


def detail_of(fake: Stubber, *labels: dict[str, Any], tiles: tuple[int, int] | None = None) -> dict[str, Any]:
    fake.add_response("detect_labels", {"Labels": list(labels)}, expected_params={"Image": ANALYSIS_IMAGE})
    event = check_event()
    if tiles is not None:
        event["analysis"]["tiles"] = {"columns": tiles[0], "rows": tiles[1]}
    detail: dict[str, Any] = image_workflow.no_people.handler.handler(event, None)["detail"]
    return detail


def test_one_person_seen_in_two_tiles_is_one(fake_rekognition: Stubber) -> None:
    assert detail_of(fake_rekognition, people(at(0.2, 0.4), at(0.7, 0.4)), tiles=(2, 1))["people"] == 1


def test_all_people_in_a_picture_without_tiles_count(fake_rekognition: Stubber) -> None:
    assert detail_of(fake_rekognition, people(at(0.2, 0.4), at(0.7, 0.4)))["people"] == 2


def test_the_tile_with_the_most_people_counts(fake_rekognition: Stubber) -> None:
    found = people(at(0.1, 0.1), at(0.6, 0.6), at(0.7, 0.7), at(0.85, 0.6))
    assert detail_of(fake_rekognition, found, tiles=(2, 2))["people"] == 3


def test_a_person_belongs_to_the_tile_of_the_centre_of_the_box(fake_rekognition: Stubber) -> None:
    reaching_over = at(0.45, 0.4, width=0.2)
    assert detail_of(fake_rekognition, people(reaching_over, at(0.8, 0.4)), tiles=(2, 1))["people"] == 2


def test_a_person_without_a_box_counts_in_each_tile(fake_rekognition: Stubber) -> None:
    assert detail_of(fake_rekognition, people({"Confidence": 90.0}, at(0.7, 0.4)), tiles=(2, 1))["people"] == 2
    assert detail_of(fake_rekognition, people(), tiles=(2, 1))["people"] == 1


def test_boxes_are_reported_as_fractions_of_the_whole_image(fake_rekognition: Stubber) -> None:
    (told,) = detail_of(fake_rekognition, people(at(0.75, 0.25, width=0.125, height=0.5)), tiles=(2, 1))["boxes"]
    assert told["box"] == {"left": 0.75, "top": 0.25, "width": 0.125, "height": 0.5}


@pytest.mark.parametrize(
    ("labels", "number"),
    [
        ([people(at(0.1, 0.1), name="Man", parents=("Person",))], 1),
        ([people(name="Man", parents=("Adult", "Person"))], 1),
        ([people(at(0.1, 0.1)), people(at(0.1, 0.1), name="Man", parents=("Person",))], 1),
        ([people(), people(at(0.1, 0.1), at(0.5, 0.5), name="Man", parents=("Person",))], 2),
        ([people(name="Statue", parents=("Art",))], 0),
    ],
    ids=["a man", "a man without a box", "a man who is the person", "two men", "no person"],
)
def test_a_label_under_person_counts_once(fake_rekognition: Stubber, labels: list[dict[str, Any]], number: int) -> None:
    assert detail_of(fake_rekognition, *labels)["people"] == number


def test_without_routes_the_tiles_of_the_analysis_image_count(
    versioned_upload: Upload, fake_rekognition: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESENTATION", '{"backgrounds":["#ffffff","#000000"],"animated":false}')
    event = versioned_upload(encoded(Image.new("RGBA", (240, 160)), "PNG"))
    seen_twice = people(at(0.2, 0.4), at(0.7, 0.4))
    fake_rekognition.add_response("detect_labels", {"Labels": [seen_twice]}, expected_params={"Image": BY_BYTES})
    # Places in the analysis image are not those in the upload.
    assert image_workflow.detect_labels.handler.handler(event, None)["detail"] == {"people": 1, "boxes": []}
