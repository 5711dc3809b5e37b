import json

from hypothesis import given
from hypothesis import strategies as st

from awskit.bounds import MAX_ENTRIES, MAX_TEXT, bounded_detail
from awskit.rejection import RejectedImage, UploadFault
from awskit.steps import accepted, rejected

LONG = {"missing": ["x" * 1000] * 1000}


def test_short_values_are_unchanged() -> None:
    detail = {"people": 3, "missing": ["Cup"], "boxes": [{"name": "Person", "confidence": 99.5}], "place": None}
    assert bounded_detail(detail) == detail


def test_a_truncated_text_ends_with_an_ellipsis() -> None:
    (text,) = bounded_detail({"problem": "x" * 101}).values()
    assert text == "x" * 99 + "\N{HORIZONTAL ELLIPSIS}"


@given(texts=st.lists(st.text(max_size=300), max_size=60))
def test_a_list_of_texts_in_a_record_is_bounded(texts: list[str]) -> None:
    detail = bounded_detail({"missing": texts})
    assert len(json.dumps(detail, ensure_ascii=False)) <= 2 * MAX_ENTRIES * MAX_TEXT + 1000


def test_every_answer_of_a_step_is_bounded() -> None:
    cut = {"missing": ["x" * (MAX_TEXT - 1) + "\N{HORIZONTAL ELLIPSIS}"] * MAX_ENTRIES}
    assert accepted(detail=LONG)["detail"] == cut
    assert rejected(UploadFault.MISSING_LABELS, detail=LONG)["detail"] == cut
    assert RejectedImage(UploadFault.KEY_TOO_LONG, detail=LONG).detail == cut
