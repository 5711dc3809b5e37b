"""What checks found, from the outputs of the states that made them."""

import json
from datetime import UTC, datetime

import pytest

from safelight_local.aws.history import StateVisit
from safelight_local.console.findings import boxes_of, covered_of, verdicts_of

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SIDES = {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4}


def visit(state: str, *, type_: str = "Task", output: object) -> StateVisit:
    return StateVisit(state=state, type=type_, entered=NOW, seen_until=NOW, input=None, output=json.dumps(output))


def test_the_verdict_of_a_state_is_a_check_with_its_boxes() -> None:
    person = {"name": "Person", "confidence": 99.5, "box": SIDES}
    verdict = {"accepted": False, "reason": "NO_PEOPLE_ALLOWED", "detail": {"people": 1, "boxes": [person]}}
    (check,) = verdicts_of([visit("Get labels", output=verdict | {"labels": []})])
    assert check == {"check": "Get labels"} | verdict
    assert boxes_of(check["detail"]) == [SIDES | {"name": "Person", "confidence": 99.5}]


def test_outputs_that_are_no_verdicts_are_no_checks() -> None:
    verdict: dict[str, object] = {"accepted": True, "reason": None, "detail": {}}
    visits = [
        visit("Place", output={"placeType": "park"}),
        visit("Text", output="accepted"),
        visit("Number", output={"accepted": 1}),
        visit("Pass", type_="Pass", output=verdict),
    ]
    assert verdicts_of(visits) == []


def test_boxes_of_any_spelling_are_found_and_those_outside_the_image_are_not() -> None:
    rekognition = {
        "Name": "Chair",
        "Confidence": 80.0,
        "BoundingBox": {side.title(): part for side, part in SIDES.items()},
    }
    outside = {"name": "Table", "box": SIDES | {"left": 1.5}}
    assert boxes_of({"boxes": [rekognition, outside]}) == [SIDES | {"name": "Chair", "confidence": 80.0}]


def test_what_a_route_covered_has_boxes_named_by_their_kind() -> None:
    (box,) = covered_of({"counts": {"FACE": 1}, "boxes": [[0, 25000, 50000, 12500, 6250, 99]]})
    assert box == {"left": 0.25, "top": 0.5, "width": 0.125, "height": 0.0625, "name": "face", "confidence": 99}


@pytest.mark.parametrize("recorded", [None, "text", {}, {"boxes": 3}, {"boxes": [[9]]}, {"boxes": ["no"]}])
def test_a_record_without_covers_that_can_be_read_has_no_boxes(recorded: object) -> None:
    assert covered_of(recorded) == []
