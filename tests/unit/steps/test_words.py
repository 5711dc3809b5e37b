import json
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.steps.conftest import ANALYSIS_IMAGE
from tests.unit.workflow_events import check_event

from image_workflow.words.handler import handler
from image_workflow.words.reading import readings_of


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
        "detail": {"missing": [], "boxes": []},
    }


def test_every_required_phrase_must_be_read(fake_rekognition: Stubber) -> None:
    answer = answer_to(fake_rekognition, text("NEW YORK"), "NEW YORK", "DRIVER LICENSE", "2030")
    assert answer == {
        "accepted": False,
        "reason": "MISSING_WORDS",
        "detail": {"missing": ["DRIVER LICENSE", "2030"], "boxes": []},
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
    assert answer_to(fake_rekognition, [], "NEW YORK")["detail"]["missing"] == ["NEW YORK"]


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


def at(left: float, top: float) -> dict[str, Any]:
    """The Geometry of a word of a tenth of the image's width and height."""
    return {"Geometry": {"BoundingBox": {"Left": left, "Top": top, "Width": 0.1, "Height": 0.1}}}


def test_it_reports_where_a_phrase_is_by_its_words(fake_rekognition: Stubber) -> None:
    line, great, new, york = text("Great New York")
    found = [line, great | at(0.1, 0.5), new | at(0.25, 0.5) | {"Confidence": 91.26}, york | at(0.4, 0.51)]
    answer = answer_to(fake_rekognition, found, "new york", "Boston")
    box = {"left": 0.25, "top": 0.5, "width": 0.25, "height": 0.11}
    assert answer["detail"] == {"missing": ["Boston"], "boxes": [{"name": "new york", "confidence": 91.3, "box": box}]}


def test_it_reports_the_box_of_the_line_if_the_words_are_read_differently(fake_rekognition: Stubber) -> None:
    line, *_ = text("New York")
    (found,) = answer_to(fake_rekognition, [line | at(0.1, 0.2), *text("Mew York")[1:]], "new york")["detail"]["boxes"]
    assert found["box"] == {"left": 0.1, "top": 0.2, "width": 0.1, "height": 0.1}


@given(words=st.lists(st.text("aßB.", min_size=1, max_size=4), min_size=1, max_size=6), data=st.data())
def test_the_words_of_a_phrase_are_as_few_as_contain_it(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    phrase = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    readings = readings_of(
        {"DetectedText": word, "Type": "WORD", "ParentId": 0, "Confidence": 99.0} for word in (*words, "end")
    )
    found = [detection["DetectedText"] for detection in readings[0].detections_of(phrase)]
    assert folded(phrase) in folded(*found)
    assert folded(phrase) not in folded(*found[1:])
    assert folded(phrase) not in folded(*found[:-1])


def folded(*words: str) -> str:
    return " ".join(" ".join(words).casefold().split())


def test_other_text_is_neither_returned_nor_logged(
    fake_rekognition: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = answer_to(fake_rekognition, text("SECRET 123"), "NEW YORK")
    logged = capsys.readouterr()
    assert "SECRET" not in json.dumps(answer) + logged.out + logged.err


def test_an_image_that_rekognition_rejects_is_unreadable(fake_rekognition: Stubber) -> None:
    fake_rekognition.add_client_error("detect_text", service_error_code="InvalidImageFormatException")
    assert handler(check_event(required=["NEW YORK"]), None)["reason"] == "UNREADABLE_IMAGE"
