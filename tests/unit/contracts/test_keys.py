"""The parts of keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_contracts.keys import parse_version_id, place_id


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("p1/a.jpg", "p1"),
        ("p1/q/r.jpg", "p1"),
        ("p1/a.b.jpg", "p1"),
        ("p 1/a+b%20c.jpg", "p 1"),
        ("p+1/a.jpg", "p+1"),
        ("p%2F1/a.jpg", "p%2F1"),
        ("plaza-é/写真.jpg", "plaza-é"),
        ("a.jpg", "a.jpg"),
        ("/a.jpg", ""),
    ],
)
def test_the_place_is_the_first_segment_of_the_key(key: str, place: str) -> None:
    assert place_id(key, prefix="") == place


def test_the_place_follows_the_prefix() -> None:
    assert place_id("uploads/v4/p1/a.jpg", prefix="uploads/v4/") == "p1"


@given(st.text(), st.text())
def test_the_place_is_the_same_after_any_prefix(prefix: str, key: str) -> None:
    assert place_id(prefix + key, prefix=prefix) == place_id(key, prefix="")


@pytest.mark.parametrize(("given_id", "version_id"), [(None, None), ("null", None), ("v-1", "v-1")])
def test_a_version_that_can_be_overwritten_has_no_id(given_id: str | None, version_id: str | None) -> None:
    assert parse_version_id(given_id) == version_id
