import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_contracts.redaction.boxes import (
    MAX_BOXES,
    Box,
    BoxKind,
    MalformedBoxError,
    TooManyBoxesError,
    boxes_from_json,
    boxes_to_json,
)

PLACES = st.floats(min_value=-10, max_value=10)
SIZES = st.floats(min_value=0, max_value=10)
BOXES = st.builds(
    Box,
    kind=st.sampled_from(BoxKind),
    left=PLACES,
    top=PLACES,
    width=SIZES,
    height=SIZES,
    confidence=st.floats(min_value=0, max_value=100),
)
FACE: dict[str, Any] = {
    "kind": BoxKind.FACE,
    "left": 0.1,
    "top": 0.2,
    "width": 0.3,
    "height": 0.4,
    "confidence": 99.5,
}


@given(BOXES)
def test_a_box_comes_back_as_large_or_larger_by_less_than_a_step(box: Box) -> None:
    (back,) = boxes_from_json(json.loads(json.dumps(boxes_to_json([box]))))
    assert back.kind is box.kind
    assert back.confidence == pytest.approx(box.confidence, abs=0.5)
    for smaller, larger in ((back.left, box.left), (back.top, box.top)):
        assert -1.01e-5 < smaller - larger < 1e-12
    if max(box.width, box.height) < 9.9:
        for larger, smaller in ((back.right, box.right), (back.bottom, box.bottom)):
            assert -1e-12 < larger - smaller < 1.01e-5


@given(st.lists(BOXES, max_size=5))
def test_boxes_that_were_written_once_are_written_the_same_again(boxes: list[Box]) -> None:
    written = boxes_to_json(boxes)
    assert boxes_to_json(boxes_from_json(written)) == written


def test_a_box_is_six_short_numbers() -> None:
    assert boxes_to_json([Box(**FACE)]) == [[0, 10_000, 20_000, 30_000, 40_000, 100]]


def test_a_thousand_boxes_take_less_than_40_bytes_each() -> None:
    box = Box(**FACE | {"left": 0.987654, "top": -0.123456, "width": 0.123456, "height": 0.234567})
    written = json.dumps(boxes_to_json([box] * MAX_BOXES), separators=(",", ":"))
    assert len(written) < 40 * MAX_BOXES


@pytest.mark.parametrize("name", ["left", "top", "width", "height", "confidence"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), None, "0.1", True, 1e6])
def test_a_number_that_no_detector_can_mean_is_an_error(name: str, value: object) -> None:
    with pytest.raises(MalformedBoxError, match=name):
        Box(**FACE | {name: value})


@pytest.mark.parametrize("name", ["width", "height", "confidence"])
def test_a_negative_size_is_an_error(name: str) -> None:
    with pytest.raises(MalformedBoxError, match=name):
        Box(**FACE | {name: -0.1})


@pytest.mark.parametrize(
    "values", [{"left": -0.2}, {"top": -3}, {"left": 0.9, "width": 0.5}, {"width": 0, "height": 0}, {"left": 2}]
)
def test_a_box_may_overhang_be_outside_or_be_empty(values: dict[str, float]) -> None:
    (back,) = boxes_from_json(boxes_to_json([Box(**FACE | values)]))
    assert {name: getattr(back, name) for name in values} == pytest.approx(values)


@pytest.mark.parametrize(
    "described",
    [
        [],
        [0, 1, 2, 3, 4],
        [0, 1, 2, 3, 4, 5, 6],
        [3, 1, 2, 3, 4, 5],
        [-1, 1, 2, 3, 4, 5],
        [0, 1, None, 3, 4, 5],
        [0, 1, float("nan"), 3, 4, 5],
        [0, 1, 2, -3, 4, 5],
        [0, 1, 2, 3, 4, None],
        ["FACE", 1, 2, 3, 4, 5],
    ],
)
def test_a_list_that_describes_no_box_is_an_error(described: list[Any]) -> None:
    with pytest.raises(MalformedBoxError):
        boxes_from_json([described])


def test_too_many_boxes_are_an_error_of_their_own() -> None:
    boxes = [Box(**FACE)] * (MAX_BOXES + 1)
    with pytest.raises(TooManyBoxesError, match="1,001"):
        boxes_to_json(boxes)
    with pytest.raises(TooManyBoxesError, match="1,001"):
        boxes_from_json([[0, 1, 2, 3, 4, 5]] * (MAX_BOXES + 1))
