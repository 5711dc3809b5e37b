"""What is in the padded box is gone, and what is outside is the same bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.imagekit.operations.making import flat, noise
from tests.unit.imagekit.redaction.redacting import Pixels, covered_by, face, part, redacted

from safelight_contracts.redaction.boxes import Box, BoxKind
from safelight_contracts.redaction.cells import MAX_CELLS
from safelight_contracts.redaction.styles import Style

PLACES = st.floats(min_value=-0.5, max_value=1.2)
SIDES = st.floats(min_value=0, max_value=0.8)
FACES = st.lists(st.builds(face, PLACES, PLACES, SIDES, SIDES), min_size=1, max_size=4)
SMOOTHED = [Style.BLUR, Style.PIXELATE]


@st.composite
def pictures(draw: st.DrawFn) -> Pixels:
    width, height, channels = draw(st.integers(1, 90)), draw(st.integers(1, 90)), draw(st.integers(1, 4))
    return noise(width, height, channels=channels, seed=draw(st.integers(0, 100)))


def colors_of(pixels: Pixels) -> Pixels:
    return pixels[..., : 1 if pixels.shape[2] < 3 else 3]


@given(pixels=pictures(), boxes=FACES, style=st.sampled_from(Style), padding=st.floats(0, 0.5))
def test_pixels_outside_the_padded_boxes_are_the_same(
    pixels: Pixels, boxes: list[Box], style: Style, padding: float
) -> None:
    outside = np.ones(pixels.shape[:2], bool)
    for box in boxes:
        area = covered_by(box, pixels, padding=padding)
        if area is not None:
            part(outside, area)[:] = False
    assert np.array_equal(redacted(pixels, boxes, style=style, padding=padding)[outside], pixels[outside])


@given(pixels=pictures(), boxes=FACES)
def test_filled_boxes_have_one_colour_that_does_not_depend_on_what_was_there(pixels: Pixels, boxes: list[Box]) -> None:
    areas = [area for area in (covered_by(box, pixels) for box in boxes) if area is not None]
    other = pixels.copy()
    for area in areas:
        part(other, area)[:] = 255 - part(pixels, area)
    made = redacted(pixels, boxes)
    assert np.array_equal(made, redacted(other, boxes))
    if len(areas) == 1:
        assert len(np.unique(part(made, areas[0]).reshape(-1, pixels.shape[2]), axis=0)) == 1


@given(pixels=pictures(), boxes=FACES, style=st.sampled_from(Style))
def test_covered_pixels_are_opaque(pixels: Pixels, boxes: list[Box], style: Style) -> None:
    made = redacted(pixels, boxes, style=style)
    for box in boxes:
        area = covered_by(box, pixels)
        if area is not None and pixels.shape[2] in (2, 4):
            assert part(made, area)[..., -1].min() == 255


@settings(max_examples=20)
@given(side=st.integers(1, 200), style=st.sampled_from(SMOOTHED), seed=st.integers(0, 9))
def test_a_cover_is_made_of_at_most_five_samples_a_side(side: int, style: Style, seed: int) -> None:
    pixels = noise(side, side, seed=seed)
    made = redacted(pixels, [face(0, 0, 1, 1)], style=style)
    for band in range(3):
        values = np.linalg.svd(made[..., band].astype(float), compute_uv=False)
        # Each pixel is rounded to a whole number, twice. That is all there may be beside five independent rows.
        assert values[max(MAX_CELLS.values()) :].max(initial=0) <= 2 * np.sqrt(side)


@pytest.mark.parametrize("style", SMOOTHED)
def test_a_cover_is_rectangular_to_its_edge(style: Style) -> None:
    pixels = noise(64, 64)
    made = redacted(pixels, [face(0.25, 0.25, 0.5, 0.5)], style=style)
    area = covered_by(face(0.25, 0.25, 0.5, 0.5), pixels)
    assert area is not None
    inside = part(made, area).astype(int)
    # A feather would leave noise at the edge. A cover varies slowly along it.
    edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    assert np.median(np.abs(np.diff(edge, axis=0))) <= 5


@pytest.mark.parametrize("style", SMOOTHED)
def test_noise_differs_each_time(style: Style) -> None:
    pixels = noise(64, 64)
    boxes = [face(0.2, 0.2, 0.5, 0.5)]
    assert not np.array_equal(redacted(pixels, boxes, style=style), redacted(pixels, boxes, style=style))


def test_the_colour_of_a_filled_box_is_that_around_it() -> None:
    pixels = flat(100, 100, 10, 120, 200)
    pixels[40:60, 40:60] = (255, 0, 0)
    made = redacted(pixels, [face(0.4, 0.4, 0.2, 0.2)])
    assert np.array_equal(made, flat(100, 100, 10, 120, 200))


def test_the_colour_of_a_filled_box_is_not_that_of_a_face_beside_it() -> None:
    pixels = flat(100, 100, 10, 120, 200)
    pixels[40:60, 34:66] = (255, 0, 0)
    made = redacted(pixels, [face(0.36, 0.4, 0.12, 0.2), face(0.52, 0.4, 0.12, 0.2)])
    assert np.array_equal(made, flat(100, 100, 10, 120, 200))


def test_the_colour_of_what_is_transparent_does_not_count() -> None:
    pixels = flat(100, 100, 0, 0, 0, 0)
    pixels[:, 60:] = (10, 120, 200, 255)
    made = redacted(pixels, [face(0.5, 0.4, 0.2, 0.2)])
    assert tuple(made[50, 55]) == (10, 120, 200, 255)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_box_that_fills_the_image_becomes_grey(channels: int) -> None:
    made = redacted(noise(37, 41, channels=channels), [face(-0.1, -0.1, 1.3, 1.3)])
    assert np.array_equal(colors_of(made), np.full_like(colors_of(made), 128))


@pytest.mark.parametrize("kind", [BoxKind.TEXT, BoxKind.PLATE])
@pytest.mark.parametrize("style", SMOOTHED)
def test_text_and_plates_are_filled_whatever_the_style(style: Style, kind: BoxKind) -> None:
    pixels = noise(100, 100)
    text = face(0.3, 0.3, 0.3, 0.2, kind=kind)
    area = covered_by(text, pixels)
    assert area is not None
    made = redacted(pixels, [text], style=style)
    assert len(np.unique(part(made, area).reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("style", SMOOTHED)
def test_nothing_of_a_text_is_in_the_cells_of_a_face_around_it(style: Style) -> None:
    # Black text, or white text, on a grey face: the face's cells have the same means, apart from noise.
    around, text = face(0.1, 0.1, 0.8, 0.8), face(0.2, 0.2, 0.5, 0.5, kind=BoxKind.TEXT)
    means = []
    for color in (0, 255):
        pixels = flat(200, 200, 128, 128, 128)
        pixels[40:140, 40:140] = color
        means.append(redacted(pixels, [around, text], style=style)[20:180, 20:180].mean())
    assert abs(means[0] - means[1]) < 8


@pytest.mark.parametrize("style", SMOOTHED)
@pytest.mark.parametrize("order", [1, -1])
def test_a_smaller_box_over_the_same_face_samples_only_the_cover_of_the_larger_one(style: Style, order: int) -> None:
    # A square of half a cell of the larger box, and of a whole cell of the smaller box, which overhangs it a little.
    larger, smaller = face(0.1, 0.1, 0.8, 0.8), face(0.1, 0.4, 0.3, 0.3)
    means = []
    for color in (0, 255):
        pixels = flat(400, 400, 128, 128, 128)
        pixels[190:210, 80:100] = color
        made = redacted(pixels, [larger, smaller][::order], style=style, padding=0)
        means.append(made[190:210, 80:100].mean())
    assert abs(means[0] - means[1]) < 255 * 20 * 20 / 64**2 + 20


def test_one_thousand_boxes_are_covered() -> None:
    rng = np.random.default_rng(3)
    boxes = [face(left, top, 0.03, 0.03) for left, top in rng.uniform(0, 0.95, (1000, 2))]
    pixels = noise(400, 400)
    made = redacted(pixels, boxes)
    for box in boxes:
        area = covered_by(box, pixels)
        assert area is not None
        assert not np.array_equal(part(made, area), part(pixels, area))


@pytest.mark.parametrize(
    "boxes",
    [
        [face(0.3, 0.2, 0.4, 0.4), face(0.3, 0.4, 0.4, 0.4)],
        [face(0.3, 0.2, 0.4, 0.3), face(0.3, 0.5, 0.4, 0.3)],
    ],
    ids=["half of each", "padding"],
)
def test_boxes_of_parts_of_one_face_show_no_more_cells_than_one_box(boxes: list[Box]) -> None:
    pixels = noise(1000, 1000)
    made = redacted(pixels, boxes, style=Style.PIXELATE)
    column = made[200:800, 500]
    starts = np.flatnonzero(np.any(column[1:] != column[:-1], axis=-1))
    lengths = np.diff(np.concatenate(([-1], starts, [599])))
    # What is filled is flat, too, but shows nothing of the face.
    assert (lengths >= 4).sum() <= MAX_CELLS[Style.PIXELATE] + 1
