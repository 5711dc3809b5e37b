"""Which frames a detector looks at."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.videokit.tracks.moving import steady

from videokit.tracks.timeline import Timeline, frames_to_look_at


def test_every_frame_is_chosen_for_an_interval_of_zero() -> None:
    assert list(frames_to_look_at(steady(frames=5), seconds=0)) == [0, 1, 2, 3, 4]


def test_an_interval_chooses_no_frame_more_than_needed() -> None:
    assert list(frames_to_look_at(steady(frames=9, rate=10), seconds=0.2)) == [0, 2, 4, 6, 8]


@given(
    gaps=st.lists(st.floats(min_value=0.001, max_value=2), min_size=1, max_size=40),
    seconds=st.floats(min_value=0, max_value=1),
    data=st.data(),
)
def test_ends_cuts_and_the_interval_hold_for_any_frame_rate(
    gaps: list[float], seconds: float, data: st.DataObject
) -> None:
    times = [0.0]
    for gap in gaps:
        times.append(times[-1] + gap)
    cuts = sorted(data.draw(st.sets(st.integers(min_value=1, max_value=len(gaps)))))
    timeline = Timeline(times=times, cuts=cuts)

    chosen = frames_to_look_at(timeline, seconds=seconds)

    assert list(chosen) == sorted(set(chosen))
    assert {0, len(gaps), *cuts, *(cut - 1 for cut in cuts)} <= set(chosen)
    for earlier, later in pairwise(chosen):
        assert later == earlier + 1 or times[later] - times[earlier] <= seconds + 1e-9


@pytest.mark.parametrize(
    ("times", "cuts"), [([], []), ([0, 0], []), ([1, 0], []), ([0, 1], [0]), ([0, 1], [2]), ([0, 1, 2], [2, 1])]
)
def test_a_timeline_that_cannot_be_is_an_error(times: list[float], cuts: list[int]) -> None:
    with pytest.raises(ValueError, match="timeline"):
        Timeline(times=times, cuts=cuts)
