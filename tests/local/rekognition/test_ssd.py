"""Boxes: overlap, anchors, decoding, suppression."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.rekognition import ssd
from safelight_local.rekognition.detectors import with_second_opinion
from safelight_local.rekognition.geometry import Box
from safelight_local.rekognition.ssd import Detection

WHOLE = Box(0, 0, 1, 1)
LEFT = Box(0, 0, 0.5, 1)
RIGHT = Box(0.5, 0, 1, 1)
# Small enough that no box is so thin that its area is nought.
places = st.integers(min_value=0, max_value=99)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(places), draw(places)
    right, bottom = draw(st.integers(left + 1, 100)), draw(st.integers(top + 1, 100))
    return Box(left / 100, top / 100, right / 100, bottom / 100)


detections = st.builds(Detection, name=st.sampled_from(["cat", "dog"]), score=st.floats(0, 1, width=16), box=boxes())


@given(boxes())
def test_a_box_overlaps_itself_completely(box: Box) -> None:
    assert box.overlap(box) == pytest.approx(1)


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_between_0_and_1(one: Box, other: Box) -> None:
    assert one.overlap(other) == pytest.approx(other.overlap(one))
    assert 0 <= one.overlap(other) <= 1 + 1e-9


def test_boxes_side_by_side_do_not_overlap() -> None:
    assert LEFT.overlap(RIGHT) == 0


def test_a_half_overlaps_the_whole_by_half() -> None:
    assert LEFT.overlap(WHOLE) == 0.5


@given(st.lists(detections, max_size=12))
def test_kept_detections_of_one_name_do_not_overlap(found: list[Detection]) -> None:
    kept = ssd.suppress(found, max_overlap=0.5)
    for index, one in enumerate(kept):
        assert all(one.name != other.name or one.box.overlap(other.box) <= 0.5 for other in kept[index + 1 :])


@given(st.lists(detections, min_size=1, max_size=12))
def test_the_most_confident_detection_is_kept_and_comes_first(found: list[Detection]) -> None:
    kept = ssd.suppress(found, max_overlap=0.5)
    assert kept[0].score == max(each.score for each in found)


def test_an_encoding_of_zeros_is_the_anchor() -> None:
    found = ssd.decode(
        np.zeros((1, 4), dtype=np.float32),
        logits=np.array([[-9.0, 9.0]], dtype=np.float32),
        anchors=np.array([[0.5, 0.4, 0.2, 0.6]], dtype=np.float32),
        names=(None, "cup"),
        min_score=0.5,
    )
    assert [each.name for each in found] == ["cup"]
    box = found[0].box
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((0.1, 0.4, 0.7, 0.6), abs=1e-6)


def test_a_box_beyond_the_image_is_cut_at_its_edge() -> None:
    found = ssd.decode(
        np.zeros((1, 4), dtype=np.float32),
        logits=np.array([[9.0]], dtype=np.float32),
        anchors=np.array([[0.0, 1.0, 0.5, 0.5]], dtype=np.float32),
        names=("cup",),
        min_score=0.5,
    )
    assert found[0].box == Box(0.75, 0, 1, 0.25)


def test_a_score_below_the_minimum_is_omitted() -> None:
    found = ssd.decode(
        np.zeros((1, 4), dtype=np.float32),
        logits=np.array([[-0.1]], dtype=np.float32),
        anchors=np.array([[0.5, 0.5, 0.5, 0.5]], dtype=np.float32),
        names=("cup",),
        min_score=0.5,
    )
    assert found == []


def test_a_second_opinion_on_the_same_place_renames_a_dog() -> None:
    found = with_second_opinion([Detection("dog", 0.6, WHOLE)], opinions=[Detection("cat", 0.4, WHOLE)])
    assert found == [Detection("cat", 0.6, WHOLE)]


def test_a_second_opinion_on_another_place_changes_nothing() -> None:
    found = with_second_opinion([Detection("dog", 0.6, LEFT)], opinions=[Detection("cat", 0.9, RIGHT)])
    assert found == [Detection("dog", 0.6, LEFT)]


def test_the_more_confident_of_two_second_opinions_wins() -> None:
    opinions = [Detection("cat", 0.4, WHOLE), Detection("dog", 0.5, WHOLE)]
    assert with_second_opinion([Detection("cat", 0.9, WHOLE)], opinions=opinions)[0].name == "dog"


def test_a_cat_and_a_dog_at_the_same_place_become_one_animal() -> None:
    both = [Detection("dog", 0.7, WHOLE), Detection("cat", 0.6, WHOLE)]
    opinion = Detection("cat", 0.5, WHOLE)
    assert with_second_opinion(both, opinions=[opinion]) == [Detection("cat", 0.7, WHOLE)]


def test_a_second_opinion_leaves_other_objects_alone() -> None:
    person = Detection("person", 0.9, WHOLE)
    assert with_second_opinion([person], opinions=[Detection("cat", 0.9, WHOLE)]) == [person]
