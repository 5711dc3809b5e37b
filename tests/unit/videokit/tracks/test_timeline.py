"""The frames of a video in time."""

import pytest

from videokit.tracks.timeline import Timeline


@pytest.mark.parametrize(
    ("times", "cuts"), [([], []), ([0, 0], []), ([1, 0], []), ([0, 1], [0]), ([0, 1], [2]), ([0, 1, 2], [2, 1])]
)
def test_a_timeline_that_cannot_be_is_an_error(times: list[float], cuts: list[int]) -> None:
    with pytest.raises(ValueError, match="timeline"):
        Timeline(times=times, cuts=cuts)
