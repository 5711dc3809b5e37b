from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagekit.geometry import Box
from imagekit.rendering.frames import frames_shown, spread
from imagekit.tiles import Tiles, grid_of
from safelight_contracts.presentation import MAX_TILES


@pytest.mark.parametrize(
    ("number", "grid"), [(1, (1, 1)), (2, (2, 1)), (3, (2, 2)), (4, (2, 2)), (5, (3, 2)), (7, (3, 3)), (9, (3, 3))]
)
def test_pictures_are_laid_out_nearly_square(number: int, grid: tuple[int, int]) -> None:
    assert grid_of(number) == Tiles(columns=grid[0], rows=grid[1])


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [(0.1, 0.1, (0, 0)), (0.4, 0.1, (1, 0)), (0.9, 0.6, (2, 1)), (1.0, 1.0, (2, 1)), (-0.1, 1.2, (0, 1))],
)
def test_a_point_is_in_the_tile_that_holds_it_or_the_nearest_one(x: float, y: float, place: tuple[int, int]) -> None:
    assert Tiles(columns=3, rows=2).place_of(x=x, y=y) == place


@given(frames=st.integers(1, 2000), most=st.integers(2, MAX_TILES))
def test_frames_of_equal_times_are_spread_evenly_from_the_first_to_the_last(frames: int, most: int) -> None:
    chosen = spread([40] * frames, most=most)
    assert len(chosen) == min(frames, most)
    assert (chosen[0], chosen[-1]) == (0, frames - 1)
    steps = [later - earlier for earlier, later in pairwise(chosen)]
    assert all(step >= 1 for step in steps)
    assert max(steps, default=0) - min(steps, default=0) <= 1


@given(backgrounds=st.integers(1, 4), is_long=st.booleans())
def test_frames_on_all_backgrounds_are_no_more_than_nine_tiles(*, backgrounds: int, is_long: bool) -> None:
    frames = frames_shown(backgrounds=backgrounds, is_long=is_long)
    assert frames >= 2
    assert frames * backgrounds <= MAX_TILES


def test_a_box_in_a_tile_is_cut_at_its_edges_and_placed_in_the_image() -> None:
    box = Box(left=-0.5, top=0.5, right=0.5, bottom=1.5)
    placed = Tiles(columns=2, rows=4).box_in_image(box, number=5)
    assert placed == Box(left=0.5, top=0.625, right=0.75, bottom=0.75)
