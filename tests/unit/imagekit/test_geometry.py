import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagekit.geometry import Fit, Size, place

sides = st.integers(1, 20_000)
sizes = st.builds(Size, width=sides, height=sides)
fits = st.sampled_from(Fit)
NO_LIMIT = 2**31


@given(sizes, fits, sides, sides)
def test_nothing_is_enlarged(image: Size, fit: Fit, width: int, height: int) -> None:
    placement = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT)
    assert placement.output.width <= min(image.width, width)
    assert placement.output.height <= min(image.height, height)


@given(sizes, fits, sides, sides)
def test_every_rendition_has_pixels(image: Size, fit: Fit, width: int, height: int) -> None:
    output = place(image, fit=fit, width=width, height=height, max_side=NO_LIMIT).output
    assert output.width >= 1
    assert output.height >= 1


@given(sizes, sides, sides)
def test_cover_gives_the_exact_size_where_the_image_is_large_enough(image: Size, width: int, height: int) -> None:
    placement = place(image, fit=Fit.COVER, width=width, height=height, max_side=NO_LIMIT)
    if image.width >= width and image.height >= height:
        assert placement.output == Size(width=width, height=height)


@given(sizes, sides, sides)
def test_cover_shows_no_more_than_the_image_and_fills_one_side(image: Size, width: int, height: int) -> None:
    placement = place(image, fit=Fit.COVER, width=width, height=height, max_side=NO_LIMIT)
    assert placement.shown_width <= image.width
    assert placement.shown_height <= image.height
    assert placement.shown_width == image.width or placement.shown_height == image.height


@given(sizes, sides, st.none() | sides)
def test_inside_shows_the_whole_image_in_its_own_aspect(image: Size, width: int, height: int | None) -> None:
    placement = place(image, fit=Fit.INSIDE, width=width, height=height, max_side=NO_LIMIT)
    assert (placement.shown_width, placement.shown_height) == (image.width, image.height)
    scale = placement.output.width / image.width
    assert abs(placement.output.height - image.height * scale) <= 1 + image.height / image.width


@given(sizes, sides, st.integers(100, 16_383))
def test_no_side_is_longer_than_the_format_can_hold(image: Size, width: int, max_side: int) -> None:
    output = place(image, fit=Fit.INSIDE, width=width, max_side=max_side).output
    assert max(output.width, output.height) <= max_side


@pytest.mark.parametrize(
    ("image", "expected"),
    [((4000, 3000), (600, 450)), ((3000, 4000), (600, 800)), ((500, 900), (500, 900))],
    ids=["landscape", "portrait", "small"],
)
def test_a_width_alone_keeps_the_aspect(image: tuple[int, int], expected: tuple[int, int]) -> None:
    output = place(Size(width=image[0], height=image[1]), fit=Fit.INSIDE, width=600, max_side=NO_LIMIT).output
    assert (output.width, output.height) == expected


def test_a_small_image_is_cut_to_the_aspect_of_a_cover_and_keeps_its_pixels() -> None:
    placement = place(Size(width=300, height=200), fit=Fit.COVER, width=400, height=400, max_side=NO_LIMIT)
    assert placement.output == Size(width=200, height=200)
    assert placement.scale == 1
