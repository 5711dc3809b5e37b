"""Where a video cuts, and what a wrong answer does."""

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data
from tests.unit.videokit.tracks.moving import FACE, bare_part, by_frame, found, shifted, steady

from videokit.looking import thumbnail
from videokit.tracks.covering import cover
from videokit.tracks.cuts import Luma, is_cut
from videokit.tracks.linking import link

SCENES = ("coffee", "rocket", "astronaut", "chelsea")


def scene(name: str) -> Luma:
    """Return the brightness of a photograph."""
    luma: Luma = (getattr(data, name)() @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return luma


def window(luma: Luma, *, left: int) -> Luma:
    """Return what a camera shows of a photograph."""
    shown = np.ascontiguousarray(luma[20:270, left : left + 350])
    return thumbnail(av.VideoFrame.from_ndarray(shown, format="gray"))


@pytest.mark.parametrize("before", SCENES)
@pytest.mark.parametrize("after", SCENES)
def test_one_photograph_after_another_is_a_cut(before: str, after: str) -> None:
    assert is_cut(window(scene(before), left=40), window(scene(after), left=40)) == (before != after)


@pytest.mark.parametrize("name", SCENES)
def test_a_moving_camera_is_no_cut(name: str) -> None:
    # A quarter of a second for the whole width, at 30 frames a second.
    assert not any(is_cut(window(scene(name), left=it), window(scene(name), left=it + 40)) for it in range(0, 60, 10))


@pytest.mark.parametrize("name", SCENES)
def test_a_flash_is_no_cut(name: str) -> None:
    lit = np.minimum(255, scene(name).astype(np.int16) + 70).astype(np.uint8)

    assert not is_cut(window(scene(name), left=40), window(lit, left=40))


def test_noise_is_no_cut() -> None:
    random = np.random.default_rng(1)
    noisy = np.clip(scene("coffee") + random.normal(0, 25, scene("coffee").shape), 0, 255).astype(np.uint8)

    assert not is_cut(window(scene("coffee"), left=40), window(noisy, left=40))


def test_black_before_a_scene_is_a_cut() -> None:
    assert is_cut(np.zeros_like(window(scene("coffee"), left=40)), window(scene("coffee"), left=40))


@given(cuts=st.sets(st.integers(min_value=1, max_value=59), max_size=10).map(sorted))
def test_false_cuts_uncover_nothing_because_both_sides_are_looked_at(cuts: list[int]) -> None:
    timeline = steady(frames=60, rate=30, cuts=cuts)
    places = {frame: shifted(FACE, across=(frame - 30) * 0.01) for frame in range(60)}
    # Every third frame, and both sides of each cut.
    looked_at = {*range(0, 60, 3), 59, *cuts, *(cut - 1 for cut in cuts)}
    seen = {frame: list(found(places[frame])) for frame in looked_at}

    covers = by_frame(cover(link(seen, timeline=timeline), timeline=timeline, padding=0.15))

    assert max(bare_part(box, covers.get(frame, [])) for frame, box in places.items()) == 0
