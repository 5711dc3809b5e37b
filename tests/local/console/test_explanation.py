import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.console.explanation import in_words

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(alphabet="abcXYZ_ "),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="abcXYZ_"), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"people": 1, "boxes": [{"name": "Person", "box": {"left": 0.1}}]}, "people: 1"),
        ({"labels": []}, ""),
        ({"labels": [{"name": "Weapons", "confidence": 91.2}]}, "labels: Weapons (91 %)"),
        ({"missing": ["chair", "table"]}, "missing: chair, table"),
        ({"people": 2, "decidedBy": "OPENCV", "asked_twice": True}, "people: 2, decided by: OPENCV, asked twice: yes"),
        ({"name": "CheckNotMade", "cause": "Rekognition is not for you"}, "Rekognition is not for you"),
        ({"limits": {"width": 600, "height": 400}}, "limits: (width: 600, height: 400)"),
        ('{"errorMessage": "out of memory", "errorType": "MemoryError"}', "out of memory"),
        ("plain text", "plain text"),
        (None, ""),
    ],
)
def test_a_detail_is_written_in_words(detail: object, words: str) -> None:
    assert in_words(detail) == words


@given(JSON_VALUES)
def test_no_detail_is_written_as_json(detail: object) -> None:
    assert not set('{}[]"') & set(in_words(detail))
