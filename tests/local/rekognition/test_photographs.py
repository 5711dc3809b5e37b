"""The output of the real models for real photographs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from tests.local.rekognition import photographs

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

Photograph = Callable[[], Image.Image]


def labels(client: "RekognitionClient", data: bytes, **settings: Any) -> dict[str, Any]:
    answer = client.detect_labels(Image={"Bytes": data}, **settings)
    return {label["Name"]: label for label in answer["Labels"]}


@pytest.mark.parametrize("photograph", [photographs.person, photographs.cameraman])
def test_a_photograph_of_one_person_has_one_person(rekognition: "RekognitionClient", photograph: Photograph) -> None:
    found = labels(rekognition, photographs.encoded(photograph()))
    assert len(found["Person"]["Instances"]) == 1


@pytest.mark.parametrize("photograph", [photographs.cup, photographs.cat])
def test_a_photograph_without_people_has_no_person(rekognition: "RekognitionClient", photograph: Photograph) -> None:
    assert "Person" not in labels(rekognition, photographs.encoded(photograph()), MinConfidence=30)


def test_a_cup_is_detected(rekognition: "RekognitionClient") -> None:
    found = labels(rekognition, photographs.encoded(photographs.cup()), MinConfidence=80)
    assert len(found["Cup"]["Instances"]) == 1


def test_a_cat_is_not_detected_as_a_dog(rekognition: "RekognitionClient") -> None:
    found = labels(rekognition, photographs.encoded(photographs.cat()), MinConfidence=30)
    assert found["Cat"]["Confidence"] > 80
    assert "Dog" not in found


def test_a_cats_ancestors_are_labels_without_instances(rekognition: "RekognitionClient") -> None:
    found = labels(rekognition, photographs.encoded(photographs.cat()))
    assert [parent["Name"] for parent in found["Cat"]["Parents"]] == ["Animal", "Mammal", "Pet"]
    assert {name for name, label in found.items() if not label["Instances"]} == {"Animal", "Mammal", "Pet"}


def test_a_cat_is_in_a_category(rekognition: "RekognitionClient") -> None:
    found = labels(rekognition, photographs.encoded(photographs.cat()))
    assert found["Cat"]["Categories"] == [{"Name": "Animals and Pets"}]


def test_a_png_is_read(rekognition: "RekognitionClient") -> None:
    assert "Cat" in labels(rekognition, photographs.encoded(photographs.cat(), format="PNG"))


def test_a_jpeg_with_several_pictures_is_read_as_its_first(rekognition: "RekognitionClient") -> None:
    several = photographs.encoded(photographs.cat(), format="MPO", save_all=True, append_images=[photographs.cup()])
    assert "Cat" in labels(rekognition, several)


def test_a_large_jpeg_shows_the_same_as_a_small_one(rekognition: "RekognitionClient") -> None:
    cup = photographs.cup()
    large = cup.resize((cup.width * 5, cup.height * 5), Image.Resampling.LANCZOS)
    assert "Cup" in labels(rekognition, photographs.encoded(large), MinConfidence=80)


def test_the_box_of_a_cup_surrounds_it(rekognition: "RekognitionClient") -> None:
    found = labels(rekognition, photographs.encoded(photographs.cup()))
    box = found["Cup"]["Instances"][0]["BoundingBox"]
    # The middle of the cup in this photograph, and about how much of it the cup takes up.
    assert box["Left"] < 0.5 < box["Left"] + box["Width"]
    assert box["Top"] < 0.5 < box["Top"] + box["Height"]
    assert 0.2 < box["Width"] * box["Height"] < 0.7


def test_a_photograph_with_an_exif_orientation_is_checked_upright(rekognition: "RekognitionClient") -> None:
    # One person on the left half of a wide image, stored on its side.
    wide = Image.new("RGB", (1024, 512), "gray")
    wide.paste(photographs.person(), (0, 0))
    found = labels(rekognition, photographs.lying_on_its_side(wide))
    box = found["Person"]["Instances"][0]["BoundingBox"]
    assert box["Left"] + box["Width"] < 0.6
    assert box["Height"] > 0.7


def test_min_confidence_omits_less_confident_results(rekognition: "RekognitionClient") -> None:
    assert "Cat" not in labels(rekognition, photographs.encoded(photographs.cat()), MinConfidence=99.5)


def test_max_labels_keeps_the_most_confident_labels(rekognition: "RekognitionClient") -> None:
    cup = photographs.encoded(photographs.cup())
    every = list(labels(rekognition, cup, MinConfidence=30))
    assert len(every) > 2
    assert list(labels(rekognition, cup, MinConfidence=30, MaxLabels=2)) == every[:2]


def test_labels_come_with_the_version_of_their_model(rekognition: "RekognitionClient") -> None:
    answer = rekognition.detect_labels(Image={"Bytes": photographs.encoded(photographs.cat())})
    assert answer["LabelModelVersion"] == "3.0"


@pytest.mark.parametrize("photograph", [photographs.person, photographs.cameraman, photographs.cup, photographs.cat])
def test_a_safe_photograph_has_no_moderation_labels(rekognition: "RekognitionClient", photograph: Photograph) -> None:
    answer = rekognition.detect_moderation_labels(Image={"Bytes": photographs.encoded(photograph())})
    assert answer["ModerationLabels"] == []
    assert answer["ModerationModelVersion"] == "7.0"


def test_fifty_concurrent_requests_are_answered_correctly(rekognition: "RekognitionClient") -> None:
    cat, cup = photographs.encoded(photographs.cat()), photographs.encoded(photographs.cup())
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda data: set(labels(rekognition, data)), [cat, cup] * 25))
    assert all("Cat" in each for each in found[::2])
    assert all("Cup" in each for each in found[1::2])
