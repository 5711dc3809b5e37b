"""Covers as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagekit.geometry import Box
from videokit.tracks.covering import Cover
from videokit.tracks.stored import MalformedCoversError, covers_of, parsed, serialised

_UNIT = 1e-4
edges = st.floats(min_value=-3, max_value=3)
sizes = st.floats(min_value=1e-3, max_value=3)
boxes = st.builds(
    lambda left, top, width, height: Box(left=left, top=top, right=left + width, bottom=top + height),
    *(edges, edges, sizes, sizes),
)
covers = st.lists(
    st.builds(Cover, frame=st.integers(min_value=0, max_value=400), track=st.integers(min_value=0), box=boxes),
    max_size=20,
)


@given(whole=covers)
def test_what_is_read_covers_what_was_stored_and_at_most_a_unit_more(whole: list[Cover]) -> None:
    read = parsed(serialised(whole))

    assert [(it.frame, it.track) for it in read] == [(it.frame, it.track) for it in whole]
    for stored, it in zip(whole, read, strict=True):
        outward = (
            *(stored.box.left - it.box.left, stored.box.top - it.box.top),
            *(it.box.right - stored.box.right, it.box.bottom - stored.box.bottom),
        )
        assert all(-1e-9 <= distance <= _UNIT + 1e-9 for distance in outward)


@given(whole=covers)
def test_storing_again_changes_nothing(whole: list[Cover]) -> None:
    text = serialised(whole)

    assert serialised(parsed(text)) == text


@given(whole=covers, edges=st.sets(st.integers(min_value=1, max_value=400), max_size=5).map(sorted))
def test_chunks_together_have_the_covers_of_the_whole(whole: list[Cover], edges: list[int]) -> None:
    whole.sort(key=lambda it: it.frame)
    chunks = [range(first, end) for first, end in zip([0, *edges], [*edges, 401], strict=True)]

    assert [it for chunk in chunks for it in covers_of(whole, frames=chunk)] == whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        "[[0,0,1,1,2]]",
        "[[0,0,1,1,2,2.5]]",
        "[[0,true,1,1,2,2]]",
        "[[-1,0,1,1,2,2]]",
        "[[0,0,2,1,2,2]]",
        "[[0,0,1,NaN,2,2]]",
        "[7]",
    ],
)
def test_anything_else_is_malformed_and_never_no_covers(text: str) -> None:
    with pytest.raises(MalformedCoversError):
        parsed(text)


def test_an_edge_that_is_not_finite_is_not_stored() -> None:
    box = Box(left=float("nan"), top=0, right=1, bottom=1)

    with pytest.raises(ValueError, match="finite"):
        serialised([Cover(frame=0, track=0, box=box)])


def test_the_form_is_compact() -> None:
    box = Box(left=0.1, top=0.2, right=0.3, bottom=0.4)

    assert json.loads(serialised([Cover(frame=7, track=2, box=box)])) == [[7, 2, 1000, 2000, 3000, 4000]]
