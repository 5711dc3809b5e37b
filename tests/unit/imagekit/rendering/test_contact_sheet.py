from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import ORIENTATIONS, decoded, encoded, four_corners, photograph

from imagekit.decoding.limits import inspect
from imagekit.geometry import Size
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.contact_sheet import contact_sheet, square_starts, strip_size
from imagekit.rendering.prepared_image import MAX_ANALYSIS_SIDE
from safelight_contracts.limits import Limits
from safelight_contracts.rekognition import MIN_SIDE


@st.composite
def long_sizes(draw: st.DrawFn) -> Size:
    shorter = draw(st.integers(1, 2500))
    longer = draw(st.integers(3 * shorter + 1, 16 * shorter))
    return draw(st.sampled_from([Size(width=longer, height=shorter), Size(width=shorter, height=longer)]))


def strip_of(image: Size) -> Size:
    return strip_size(image, min_side=MIN_SIDE, max_side=MAX_ANALYSIS_SIDE)


def prepared_from(data: bytes) -> Image.Image:
    return decoded(prepare_analysis_image(data, header=inspect(data, limits=Limits())).data)


@given(long_sizes())
def test_every_pixel_is_in_a_square(image: Size) -> None:
    side, length = min(image.width, image.height), max(image.width, image.height)
    covered_to = 0
    for start in square_starts(image):
        assert 0 <= start <= covered_to
        covered_to = start + side
    assert covered_to == length


@given(long_sizes())
def test_squares_overlap_by_half(image: Size) -> None:
    starts = square_starts(image)
    half_up = (min(image.width, image.height) + 1) // 2
    assert all(after - before <= half_up for before, after in pairwise(starts))


@settings(max_examples=50, deadline=None)
@given(long_sizes(), st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_a_pixel_anywhere_in_the_strip_is_on_the_sheet(image: Size, across: float, down: float) -> None:
    size = strip_of(image)
    strip = Image.new("RGB", (size.width, size.height), "green")
    strip.putpixel((int(across * size.width), int(down * size.height)), (255, 0, 0))
    colors = contact_sheet(strip).getcolors()
    assert colors is not None
    assert (255, 0, 0) in [color for _, color in colors]


@given(long_sizes())
def test_the_whole_sheet_is_within_the_limit(image: Size) -> None:
    size = strip_of(image)
    sheet = contact_sheet(Image.new("RGB", (size.width, size.height)))
    assert max(sheet.size) <= MAX_ANALYSIS_SIDE
    assert min(sheet.size) >= MIN_SIDE


@given(long_sizes())
def test_a_cell_has_the_images_full_detail_or_at_least_320_pixels(image: Size) -> None:
    size = strip_of(image)
    assert min(size.width, size.height) >= min(320, min(image.width, image.height))


@given(long_sizes())
def test_a_strip_keeps_the_aspect(image: Size) -> None:
    size = strip_of(image)
    side, length = min(image.width, image.height), max(image.width, image.height)
    cell, strip = min(size.width, size.height), max(size.width, size.height)
    assert 0 <= length * cell / side - strip < 1


@pytest.mark.parametrize("sides", [(300, 100), (100, 300)])
def test_an_image_of_3_to_1_is_shown_as_it_is(sides: tuple[int, int]) -> None:
    assert prepared_from(encoded(Image.new("L", sides), "JPEG")).size == sides


@pytest.mark.parametrize("sides", [(301, 100), (100, 301)])
def test_an_image_longer_than_3_to_1_is_shown_by_a_contact_sheet(sides: tuple[int, int]) -> None:
    assert prepared_from(encoded(Image.new("L", sides), "JPEG")).size == (300, 200)


@pytest.mark.parametrize("sides", [(1600, 100), (100, 1600)])
def test_an_image_of_16_to_1_is_shown(sides: tuple[int, int]) -> None:
    assert prepared_from(encoded(Image.new("L", sides), "JPEG")).size == (600, 600)


@pytest.mark.parametrize("sides", [(1601, 100), (100, 1601)])
def test_an_image_longer_than_16_to_1_is_too_large(sides: tuple[int, int]) -> None:
    with pytest.raises(ImageRejected) as rejection:
        prepared_from(encoded(Image.new("L", sides), "JPEG"))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail == {
        "width": sides[0],
        "height": sides[1],
        "aspectRatio": 16.01,
        "maxAspectRatio": 16,
    }


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_long_image_is_laid_out_in_rows_and_upright(orientation: int) -> None:
    # 4:1 takes seven squares: three rows of three, the last two of which are empty.
    sheet = prepared_from(photograph(width=400, height=100, orientation=orientation))
    assert sheet.size == (300, 300)
    first, last = sheet.crop((0, 0, 100, 100)), sheet.crop((0, 200, 100, 300))
    assert nearest(first, (50, 25)) == nearest(four_corners(400, 100), (0, 0))
    assert nearest(first, (50, 75)) == nearest(four_corners(400, 100), (0, 99))
    assert nearest(last, (50, 25)) == nearest(four_corners(400, 100), (399, 0))
    assert nearest(last, (50, 75)) == nearest(four_corners(400, 100), (399, 99))
    assert nearest(sheet, (150, 250)) == (7, 7, 7)


def nearest(picture: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    color = picture.getpixel(place)
    assert isinstance(color, tuple)
    return tuple(round(value / 36) for value in color)


def test_small_content_of_a_long_image_is_visible_in_a_contact_sheet() -> None:
    # Fitted to 1920 pixels the image would be 120 pixels high, and the square in it 8.
    image = Image.new("RGB", (16_000, 1000), "white")
    image.paste("black", (9_500, 400, 9_564, 464))
    sheet = prepared_from(encoded(image, "JPEG"))
    dark = sheet.convert("L").point(lambda value: 255 if value < 60 else 0)
    assert dark.histogram()[255] >= 18 * 18
