import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagekit.geometry import WHOLE, Box, Point, Size, place
from safelight_contracts.renditions import Fit

sides = st.integers(1, 20_000)
sizes = st.builds(Size, width=sides, height=sides)
fits = st.sampled_from(Fit)
edges = st.floats(0, 1)
points = st.builds(Point, x=edges, y=edges)
NO_LIMIT = 2**31


def shown_pixels(image: Size, shown: Box) -> tuple[float, float]:
    return (shown.right - shown.left) * image.width, (shown.bottom - shown.top) * image.height


@given(sizes, fits, sides, sides)
def test_nothing_is_enlarged(image: Size, fit: Fit, width: int, height: int) -> None:
    placement = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT)
    assert placement.picture.width <= min(image.width, width)
    assert placement.picture.height <= min(image.height, height)


@given(sizes, fits, sides, sides)
def test_every_rendition_has_pixels(image: Size, fit: Fit, width: int, height: int) -> None:
    placement = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT)
    for size in (placement.picture, placement.canvas, placement.needed):
        assert size.width >= 1
        assert size.height >= 1


@given(sizes, fits, sides, sides, points)
def test_the_shown_part_is_within_the_image(image: Size, fit: Fit, width: int, height: int, point: Point) -> None:
    shown = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT, focal_point=point).shown
    assert 0 <= shown.left < shown.right <= 1
    assert 0 <= shown.top < shown.bottom <= 1


@given(sizes, sides, sides)
def test_cover_gives_the_exact_size_if_the_image_is_large_enough(image: Size, width: int, height: int) -> None:
    placement = place(image, fit=Fit.COVER, width=width, height=height, max_side=NO_LIMIT)
    if image.width >= width and image.height >= height:
        assert placement.canvas == placement.picture == Size(width=width, height=height)


@given(sizes, sides, sides)
def test_cover_fills_one_side(image: Size, width: int, height: int) -> None:
    shown = place(image, fit=Fit.COVER, width=width, height=height, max_side=NO_LIMIT).shown
    assert shown.right - shown.left == 1 or shown.bottom - shown.top == 1


@given(sizes, st.sampled_from([Fit.COVER, Fit.CONTAIN, Fit.FILL]), sides, sides)
def test_enlarging_gives_the_exact_size_for_any_image(image: Size, fit: Fit, width: int, height: int) -> None:
    placement = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT, max_scale=math.inf)
    assert placement.canvas == Size(width=width, height=height)
    if fit is not Fit.CONTAIN:
        assert placement.picture == placement.canvas


@given(sizes, sides, sides)
def test_an_enlarged_image_reaches_a_side_of_the_box(image: Size, width: int, height: int) -> None:
    for fit in (Fit.INSIDE, Fit.CONTAIN):
        picture = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT, max_scale=math.inf).picture
        assert picture.width == width or picture.height == height
        assert picture.width <= width
        assert picture.height <= height


@given(sizes, sides, sides)
def test_contain_always_gives_the_exact_size_and_shows_all(image: Size, width: int, height: int) -> None:
    placement = place(image, fit=Fit.CONTAIN, width=width, height=height, max_side=NO_LIMIT)
    assert placement.canvas == Size(width=width, height=height)
    assert placement.picture.width <= width
    assert placement.picture.height <= height
    assert placement.shown == WHOLE


@given(sizes, sides, sides)
def test_fill_takes_each_side_for_itself(image: Size, width: int, height: int) -> None:
    placement = place(image, fit=Fit.FILL, width=width, height=height, max_side=NO_LIMIT)
    assert placement.picture == Size(width=min(image.width, width), height=min(image.height, height))
    assert placement.shown == WHOLE


@given(sizes, sides, st.none() | sides)
def test_inside_shows_the_whole_image_with_its_aspect_ratio(image: Size, width: int, height: int | None) -> None:
    placement = place(image, fit=Fit.INSIDE, width=width, height=height, max_side=NO_LIMIT)
    assert placement.shown == WHOLE
    scale = placement.picture.width / image.width
    assert abs(placement.picture.height - image.height * scale) <= 1 + image.height / image.width


@given(sizes, fits, sides, st.none() | sides, st.integers(100, 16_383))
def test_no_side_is_longer_than_the_format_can_hold(
    image: Size, fit: Fit, width: int, height: int | None, max_side: int
) -> None:
    for max_scale in (1, math.inf):
        canvas = place(image, fit=fit, width=width, height=height, max_side=max_side, max_scale=max_scale).canvas
        assert max(canvas.width, canvas.height) <= max_side


@given(sizes, fits, sides, sides)
def test_the_needed_size_has_the_pixels_of_the_picture_up_to_those_of_the_image(
    image: Size, fit: Fit, width: int, height: int
) -> None:
    placement = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT)
    across, down = shown_pixels(placement.needed, placement.shown)
    assert across >= placement.picture.width - 0.5001 or placement.needed.width == image.width
    assert down >= placement.picture.height - 0.5001 or placement.needed.height == image.height


@pytest.mark.parametrize(
    ("image", "expected"),
    [((4000, 3000), (600, 450)), ((3000, 4000), (600, 800)), ((500, 900), (500, 900))],
    ids=["landscape", "portrait", "small"],
)
def test_a_width_alone_keeps_the_aspect(image: tuple[int, int], expected: tuple[int, int]) -> None:
    picture = place(Size(width=image[0], height=image[1]), fit=Fit.INSIDE, width=600, max_side=NO_LIMIT).picture
    assert (picture.width, picture.height) == expected


def test_cover_crops_a_small_image_without_scaling_it() -> None:
    image = Size(width=300, height=200)
    placement = place(image, fit=Fit.COVER, width=400, height=400, max_side=NO_LIMIT)
    assert placement.canvas == Size(width=200, height=200)
    assert placement.needed == image


@pytest.mark.parametrize(
    ("point", "left"),
    [(Point(x=0, y=0.5), 0), (Point(x=0.4, y=0.9), 0.15), (Point(x=0.5, y=0.5), 0.25), (Point(x=1, y=0), 0.5)],
    ids=["at the left edge", "left of the centre", "at the centre", "at the right edge"],
)
def test_cover_crops_around_the_focal_point_as_far_as_the_edges_allow(point: Point, left: float) -> None:
    image = Size(width=800, height=400)
    shown = place(image, fit=Fit.COVER, width=100, height=100, max_side=NO_LIMIT, focal_point=point).shown
    assert shown.left == pytest.approx(left)
    assert shown.right == pytest.approx(left + 0.5)
    assert (shown.top, shown.bottom) == (0, 1)
