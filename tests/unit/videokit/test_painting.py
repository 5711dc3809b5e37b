"""Boxes that are covered on the planes of a frame."""

from dataclasses import replace

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.videokit.pictures import frame_of

from imagekit.geometry import Box
from safelight_contracts.redaction.cells import MAX_CELLS, NOISE
from safelight_contracts.redaction.styles import Style
from videokit.cells import Cells, enlarge_cells, sample_cells
from videokit.painting import PixelBox, cover, fill, pixel_box, sample, samples_of

WIDTH, HEIGHT = 64, 48
EDGES = st.floats(-3, 3) | st.sampled_from([0.0, 1.0, -1e300, 1e300])
EVERYTHING = Box(left=-1, top=-1, right=2, bottom=2)


def planes(frame: av.VideoFrame) -> list[np.ndarray]:
    return [samples_of(it).copy() for it in frame.planes]


def place(box: Box, *, width: int = WIDTH, height: int = HEIGHT, orientation: int = 1) -> PixelBox | None:
    return pixel_box(box, orientation=orientation, width=width, height=height)


@given(EDGES, EDGES, EDGES, EDGES, st.integers(1, 8), st.integers(1, 70), st.integers(1, 70))
def test_a_box_covers_every_pixel_that_it_touches(
    left: float, right: float, top: float, bottom: float, orientation: int, width: int, height: int
) -> None:
    box = Box(left=min(left, right), top=min(top, bottom), right=max(left, right), bottom=max(top, bottom))
    stored = box.as_stored(orientation=orientation).cut()
    placed = place(box, width=width, height=height, orientation=orientation)
    if placed is None:
        assert stored.left * width >= stored.right * width or stored.top * height >= stored.bottom * height
        return
    assert 0 <= placed.left <= stored.left * width
    assert stored.right * width <= placed.right <= width
    assert 0 <= placed.top <= stored.top * height
    assert stored.bottom * height <= placed.bottom <= height
    assert placed.left % 2 == placed.top % 2 == 0


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "yuvj420p"])
@pytest.mark.parametrize("size", [(64, 48), (63, 47), (2, 2), (1, 1)])
def test_a_box_over_the_edges_covers_the_last_row_and_column(pixel_format: str, size: tuple[int, int]) -> None:
    frame = frame_of(0, width=size[0], height=size[1], pixel_format=pixel_format)
    box = place(EVERYTHING, width=size[0], height=size[1])
    assert box
    fill(frame, [box])
    assert [set(np.unique(it)) for it in planes(frame)] == [{128}] * 3


def test_the_colour_is_that_of_the_pixels_around_the_box() -> None:
    frame = frame_of(0, width=WIDTH, height=HEIGHT)
    for plane, inside, outside in zip(frame.planes, (10, 20, 30), (200, 100, 90), strict=True):
        samples = samples_of(plane)
        scale = WIDTH // samples.shape[1]
        samples[:] = outside
        samples[8 // scale : 24 // scale, 8 // scale : 24 // scale] = inside
    fill(frame, [PixelBox(left=8, top=8, right=24, bottom=24)])
    assert [set(np.unique(it)) for it in planes(frame)] == [{200}, {100}, {90}]


def test_pixels_of_other_boxes_give_no_colour() -> None:
    frame = frame_of(0, width=WIDTH, height=HEIGHT)
    luma = samples_of(frame.planes[0])
    luma[:] = 200
    luma[8:24, 8:40] = 10
    touching = [PixelBox(left=8, top=8, right=24, bottom=24), PixelBox(left=24, top=8, right=40, bottom=24)]
    fill(frame, touching)
    assert set(np.unique(luma)) == {200}


def test_a_box_inside_another_one_gets_grey() -> None:
    frame = frame_of(0, width=WIDTH, height=HEIGHT)
    fill(
        frame,
        [
            PixelBox(left=0, top=0, right=WIDTH, bottom=HEIGHT),
            PixelBox(left=8, top=8, right=16, bottom=16),
        ],
    )
    assert set(np.unique(samples_of(frame.planes[0]))) == {128}


@pytest.mark.parametrize("style", [Style.BLUR, Style.PIXELATE])
def test_pixels_outside_the_boxes_stay_as_they_are(style: Style) -> None:
    frame, box = frame_of(0, width=WIDTH, height=HEIGHT), PixelBox(left=10, top=12, right=30, bottom=40)
    before = planes(frame)
    cover(frame, [(box, sample(frame, box, style=style))])
    for one, other in zip(before, planes(frame), strict=True):
        scale = WIDTH // one.shape[1]
        inside = (slice(box.top // scale, box.bottom // scale), slice(box.left // scale, box.right // scale))
        one[inside] = other[inside] = 0
        assert (one == other).all()


@pytest.mark.parametrize("style", [Style.BLUR, Style.PIXELATE])
@pytest.mark.parametrize("side", [2, 6, 40, 400])
def test_cells_are_at_most_as_many_as_their_kind_allows(style: Style, side: int) -> None:
    parts = [np.zeros((side, side), np.uint8), *[np.zeros((side // 2, side // 2), np.uint8)] * 2]
    cells = sample_cells(parts, style=style)
    number = max(1, min(MAX_CELLS[style], side // 4))
    assert [np.shape(it) for it in cells.planes] == [(number, number)] * 3


@pytest.mark.parametrize("style", [Style.BLUR, Style.PIXELATE])
def test_an_enlarged_box_has_no_more_samples_a_side_than_cells(style: Style) -> None:
    rng = np.random.default_rng(1)
    number = MAX_CELLS[style]
    made = [
        enlarge_cells(rng.integers(0, 255, (number, number)).tolist(), style=style, width=200, height=120)
        for _ in range(40)
    ]
    strengths = np.linalg.svd(np.array([it[:, 100].astype(float) for it in made]), compute_uv=False)
    assert (strengths > 30).sum() <= number


def test_cells_have_noise_within_its_limit() -> None:
    flat = [np.full((40, 40), 100, np.uint8)] * 3
    values = np.array(sample_cells(flat, style=Style.PIXELATE).planes)
    assert np.ptp(values) > 0
    assert np.abs(values - 100).max() <= NOISE


def test_the_cells_of_a_track_look_the_same_in_every_frame() -> None:
    box = PixelBox(left=8, top=8, right=40, bottom=40)
    first, later = frame_of(0, width=WIDTH, height=HEIGHT), frame_of(9, width=WIDTH, height=HEIGHT)
    cells = Cells.from_json(sample(first, box, style=Style.BLUR).as_json())
    for frame in (first, later):
        cover(frame, [(box, cells)])
    assert (planes(first)[0][8:40, 8:40] == planes(later)[0][8:40, 8:40]).all()


def test_a_box_that_does_not_touch_the_frame_is_none() -> None:
    outside = Box(left=1.1, top=0, right=1.2, bottom=1)
    assert place(outside) is None
    assert place(replace(outside, left=-0.2, right=-0.1)) is None
