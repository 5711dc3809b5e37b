"""Labels and moderation labels: how the models' output maps to Rekognition's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.rekognition.detect_labels import describe
from safelight_local.rekognition.detect_moderation_labels import moderation_labels
from safelight_local.rekognition.detectors import COCO_CLASSES
from safelight_local.rekognition.geometry import Box
from safelight_local.rekognition.labels import COCO_LABELS, ancestors
from safelight_local.rekognition.ssd import Detection

BOX = Box(0.25, 0.5, 0.75, 1)


def test_every_class_of_coco_has_a_label() -> None:
    assert {name for name in COCO_CLASSES if name is not None} == set(COCO_LABELS)


def test_coco_has_80_classes_among_90_numbers() -> None:
    assert len(COCO_CLASSES) == 91
    assert len(COCO_LABELS) == 80


@pytest.mark.parametrize("name", sorted(COCO_LABELS))
def test_the_ancestors_of_an_ancestor_are_ancestors_too(name: str) -> None:
    label = COCO_LABELS[name]
    for ancestor in ancestors(label):
        assert set(ancestor.parents) < set(label.parents)


def test_people_are_counted_as_instances_of_one_label() -> None:
    people = [Detection("person", score, BOX) for score in (0.9, 0.7, 0.6)]
    (label,) = describe(people, min_confidence=55)
    assert label["Name"] == "Person"
    assert [round(each["Confidence"]) for each in label["Instances"]] == [90, 70, 60]


def test_a_label_is_as_sure_as_its_surest_instance() -> None:
    cups = [Detection("cup", 0.6, BOX), Detection("cup", 0.9, BOX)]
    assert describe(cups, min_confidence=55)[0]["Confidence"] == pytest.approx(90)


def test_an_instance_under_the_least_confidence_is_not_counted() -> None:
    people = [Detection("person", 0.9, BOX), Detection("person", 0.54, BOX)]
    assert len(describe(people, min_confidence=55)[0]["Instances"]) == 1


def test_a_common_ancestor_of_two_labels_is_listed_once() -> None:
    pets = [Detection("cat", 0.9, BOX), Detection("dog", 0.8, BOX)]
    names = [label["Name"] for label in describe(pets, min_confidence=55)]
    assert len(names) == len(set(names)) == 6


def test_a_label_that_is_an_ancestor_too_keeps_its_instances() -> None:
    ovens = [Detection("microwave", 0.9, BOX), Detection("oven", 0.8, BOX)]
    found = {label["Name"]: label for label in describe(ovens, min_confidence=55)}
    assert len(found["Oven"]["Instances"]) == 1
    assert found["Oven"]["Confidence"] == pytest.approx(90)


def test_a_box_is_reported_as_ratios_from_the_top_left() -> None:
    (instance,) = describe([Detection("cup", 0.9, BOX)], min_confidence=55)[0]["Instances"]
    assert instance["BoundingBox"] == {"Left": 0.25, "Top": 0.5, "Width": 0.5, "Height": 0.5}


@given(st.lists(st.sampled_from(sorted(COCO_LABELS)), max_size=8))
def test_every_parent_of_a_label_is_a_label_of_the_same_answer(names: list[str]) -> None:
    found = describe([Detection(name, 0.9, BOX) for name in names], min_confidence=55)
    told = {label["Name"] for label in found}
    assert {parent["Name"] for label in found for parent in label["Parents"]} <= told


def test_likely_nudity_is_explicit_from_the_leaf_to_the_root() -> None:
    assert moderation_labels(0.875, min_confidence=50) == [
        {"Name": "Explicit Nudity", "Confidence": 87.5, "ParentName": "Explicit", "TaxonomyLevel": 2},
        {"Name": "Explicit", "Confidence": 87.5, "ParentName": "", "TaxonomyLevel": 1},
    ]


@pytest.mark.parametrize("nudity", [0.5, 0.79])
def test_possible_nudity_is_not_explicit(nudity: float) -> None:
    names = [label["Name"] for label in moderation_labels(nudity, min_confidence=50)]
    assert names == ["Non-Explicit Nudity", "Non-Explicit Nudity of Intimate parts and Kissing"]


@given(st.floats(0, 0.5, exclude_max=True), st.floats(0, 100))
def test_unlikely_nudity_is_never_reported(nudity: float, min_confidence: float) -> None:
    assert moderation_labels(nudity, min_confidence=min_confidence) == []


@given(st.floats(0.5, 1), st.floats(0, 100))
def test_moderation_labels_have_at_least_the_min_confidence(nudity: float, min_confidence: float) -> None:
    found = moderation_labels(nudity, min_confidence=min_confidence)
    assert all(label["Confidence"] >= min_confidence for label in found)
