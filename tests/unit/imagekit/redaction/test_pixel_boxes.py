import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.imagekit.redaction.redacting import face

from imagekit.geometry import Size
from imagekit.redaction.pixel_boxes import MIN_PADDING, MIN_SIDE, PixelBox, pixel_box, without_inner
from safelight_contracts.redaction.boxes import Box

SIZES = st.builds(Size, width=st.integers(1, 300), height=st.integers(1, 300))
BOXES = st.builds(
    face,
    st.floats(min_value=-1.5, max_value=1.5),
    st.floats(min_value=-1.5, max_value=1.5),
    st.floats(min_value=0, max_value=3),
    st.floats(min_value=0, max_value=3),
)
PADDINGS = st.floats(min_value=0, max_value=1)


def spans(image: Size, area: PixelBox) -> list[tuple[int, int, int]]:
    return [(image.width, area.left, area.right), (image.height, area.top, area.bottom)]


@given(image=SIZES, box=BOXES, padding=PADDINGS)
def test_a_cover_reaches_over_the_padded_box_as_far_as_the_image_does(image: Size, box: Box, padding: float) -> None:
    area = pixel_box(box, image=image, padding=padding)
    sides = [(image.width, box.left, box.right), (image.height, box.top, box.bottom)]
    padded = []
    for side, low, high in sides:
        margin = max(MIN_PADDING, padding * (high - low) * side)
        padded.append((max(0.0, low * side - margin), min(side, high * side + margin)))
    if area is None:
        assert any(low >= high for low, high in padded)
    else:
        for (_, first, end), (low, high) in zip(spans(image, area), padded, strict=True):
            assert first <= low + 1e-6
            assert end >= high - 1e-6


@given(image=SIZES, box=BOXES, padding=PADDINGS)
def test_a_cover_is_inside_the_image_and_ends_at_even_pixels_or_with_it(image: Size, box: Box, padding: float) -> None:
    area = pixel_box(box, image=image, padding=padding)
    if area is not None:
        for side, first, end in spans(image, area):
            assert 0 <= first < end <= side
            assert first % 2 == 0
            assert end % 2 == 0 or end == side


@given(image=SIZES, left=st.floats(0, 1), top=st.floats(0, 1))
def test_an_empty_box_in_the_image_covers_the_least_square(image: Size, left: float, top: float) -> None:
    area = pixel_box(face(left, top, 0, 0), image=image, padding=0)
    assert area is not None
    for (side, first, end), place in zip(spans(image, area), (left, top), strict=True):
        half = MIN_SIDE / 2
        assert first <= max(0, place * side - half)
        assert end >= min(side, place * side + half)


@pytest.mark.parametrize(
    ("box", "area"),
    [
        # Negative coordinates.
        ((-0.2, -0.1, 0.4, 0.3), PixelBox(left=0, top=0, width=28, height=26)),
        # Overhanging the right and the lower edge: the last column and row of an odd image are covered.
        ((0.8, 0.9, 0.5, 0.5), PixelBox(left=72, top=82, width=29, height=19)),
        ((0, 0, 1, 1), PixelBox(left=0, top=0, width=101, height=101)),
        # Its last pixel is the last but one of the image: the padding reaches the last one.
        ((0.5, 0.5, 0.49, 0.49), PixelBox(left=42, top=42, width=59, height=59)),
    ],
)
def test_boxes_at_the_edges_are_covered_to_the_edge(box: tuple[float, ...], area: PixelBox) -> None:
    assert pixel_box(face(*box), image=Size(width=101, height=101), padding=0.15) == area


@pytest.mark.parametrize("box", [(1.5, 0.1, 0.1, 0.1), (0.1, 1.5, 0.1, 0.1), (-2, 0, 1, 1), (0, -9, 1, 1)])
def test_a_box_outside_the_image_covers_nothing(box: tuple[float, ...]) -> None:
    assert pixel_box(face(*box), image=Size(width=100, height=100), padding=0.15) is None


def test_a_box_just_outside_the_image_covers_its_edge() -> None:
    area = pixel_box(face(1.01, 0.5, 0.1, 0.1), image=Size(width=100, height=100), padding=0.15)
    assert area == PixelBox(left=98, top=46, width=2, height=18)


def test_boxes_inside_others_are_left_out() -> None:
    large = PixelBox(left=0, top=0, width=40, height=40)
    inner = PixelBox(left=10, top=10, width=30, height=20)
    beside = PixelBox(left=30, top=30, width=20, height=20)
    assert without_inner([inner, beside, large, large]) == [large, beside]
