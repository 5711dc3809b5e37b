import json
from typing import Any

import pytest
from botocore.stub import Stubber
from tests.unit.steps.conftest import ANALYSIS_IMAGE
from tests.unit.workflow_events import check_event

from image_workflow.words.handler import handler


def text(*lines: str, line_confidence: float = 99.0, word_confidence: float = 99.0) -> list[dict[str, Any]]:
    """The DetectText response for lines: the lines, then their words."""
    found: list[dict[str, Any]] = [
        {"DetectedText": line, "Type": "LINE", "Id": number, "Confidence": line_confidence}
        for number, line in enumerate(lines)
    ]
    for number, line in enumerate(lines):
        found += [
            {"DetectedText": word, "Type": "WORD", "ParentId": number, "Confidence": word_confidence}
            for word in line.split()
        ]
    return found


def answer_to(fake: Stubber, found: list[dict[str, Any]], *required: str) -> dict[str, Any]:
    fake.add_response("detect_text", {"TextDetections": found}, expected_params={"Image": ANALYSIS_IMAGE})
    return handler(check_event(required=list(required), minConfidence=None), None)


@pytest.mark.parametrize(
    "phrase", ["NEW YORK", "new york", " New   York ", "NEW YORK STATE", "state", "NEW\u00a0YORK", "\uff2eew York"]
)
def test_a_phrase_matches_in_any_case_and_spacing(fake_rekognition: Stubber, phrase: str) -> None:
    assert answer_to(fake_rekognition, text("DRIVER LICENSE", "New York State"), phrase) == {
        "accepted": True,
        "reason": None,
        "detail": {"missing": []},
    }


def test_every_required_phrase_must_be_read(fake_rekognition: Stubber) -> None:
    answer = answer_to(fake_rekognition, text("NEW YORK"), "NEW YORK", "DRIVER LICENSE", "2030")
    assert answer == {
        "accepted": False,
        "reason": "MISSING_WORDS",
        "detail": {"missing": ["DRIVER LICENSE", "2030"]},
    }


def test_a_partial_word_does_not_match(fake_rekognition: Stubber) -> None:
    assert not answer_to(fake_rekognition, text("THE NEW YORKER"), "NEW YORK")["accepted"]


@pytest.mark.parametrize("line", ["NEW YORK, USA", "(NEW YORK)", "NEW YORK."])
def test_a_phrase_ends_where_punctuation_begins(fake_rekognition: Stubber, line: str) -> None:
    assert answer_to(fake_rekognition, text(line), "NEW YORK")["accepted"]


@pytest.mark.parametrize("phrase", ["C++", "A.B", "$5 (OFF)"])
def test_a_phrase_matches_literally(fake_rekognition: Stubber, phrase: str) -> None:
    assert answer_to(fake_rekognition, text(f"SEE {phrase} NOW"), phrase)["accepted"]


def test_a_dot_matches_only_a_dot(fake_rekognition: Stubber) -> None:
    assert not answer_to(fake_rekognition, text("AXB"), "A.B")["accepted"]


def test_words_of_different_lines_do_not_make_a_phrase(fake_rekognition: Stubber) -> None:
    assert not answer_to(fake_rekognition, text("BRAND NEW", "YORK"), "NEW YORK")["accepted"]


def test_an_image_without_text_misses_everything(fake_rekognition: Stubber) -> None:
    assert answer_to(fake_rekognition, [], "NEW YORK")["detail"] == {"missing": ["NEW YORK"]}


@pytest.mark.parametrize(("line", "word"), [(70.0, 95.0), (95.0, 70.0)])
def test_lines_and_words_at_the_min_confidence_count(fake_rekognition: Stubber, line: float, word: float) -> None:
    found = text("NEW YORK", line_confidence=line, word_confidence=word)
    fake_rekognition.add_response(
        "detect_text",
        {"TextDetections": found},
        expected_params={"Image": ANALYSIS_IMAGE, "Filters": {"WordFilter": {"MinConfidence": 90.0}}},
    )
    assert handler(check_event(required=["NEW YORK"], minConfidence=90), None)["accepted"]


def test_text_below_the_min_confidence_is_ignored(fake_rekognition: Stubber) -> None:
    found = text("NEW YORK", line_confidence=70, word_confidence=70)
    fake_rekognition.add_response("detect_text", {"TextDetections": found})
    assert not handler(check_event(required=["NEW YORK"], minConfidence=90), None)["accepted"]


def test_other_text_is_neither_returned_nor_logged(
    fake_rekognition: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = answer_to(fake_rekognition, text("SECRET 123"), "NEW YORK")
    logged = capsys.readouterr()
    assert "SECRET" not in json.dumps(answer) + logged.out + logged.err


def test_an_image_that_rekognition_rejects_is_unreadable(fake_rekognition: Stubber) -> None:
    fake_rekognition.add_client_error("detect_text", service_error_code="InvalidImageFormatException")
    assert handler(check_event(required=["NEW YORK"]), None)["reason"] == "UNREADABLE_IMAGE"
