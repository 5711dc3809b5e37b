import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.imagekit.redaction.redacting import face

from imagekit.geometry import WHOLE, Size
from imagekit.geometry import Box as Place
from imagekit.redaction.search_places import (
    MAX_TILE_SIDE,
    MIN_TILE_SIDE,
    closer_places,
    first_places,
    in_whole,
    without_duplicates,
)
from safelight_contracts.redaction.boxes import Box, BoxKind

SIDES = st.integers(1, 30_000)
PLACES = st.floats(0, 1)


def pixels_of(place: Place, image: Size) -> tuple[float, float]:
    return (place.right - place.left) * image.width, (place.bottom - place.top) * image.height


def contains(place: Place, x: float, y: float) -> bool:
    return place.left <= x <= place.right and place.top <= y <= place.bottom


@pytest.mark.parametrize(
    ("width", "height", "number"),
    [
        (640, 480, 1),
        # 12 megapixels.
        (4032, 3024, 1),
        # 24 megapixels.
        (6000, 4000, 3),
        (6000, 4200, 5),
        (12_000, 3_000, 1 + 4),
        # Long, and not large.
        (4000, 500, 1 + 5),
        (500, 4000, 1 + 5),
    ],
)
def test_a_large_or_a_long_image_is_searched_in_tiles_too(width: int, height: int, number: int) -> None:
    places = first_places(Size(width=width, height=height))
    assert places[0] == WHOLE
    assert len(places) == number


@given(width=SIDES, height=SIDES, x=PLACES, y=PLACES)
def test_tiles_are_small_enough_and_cover_the_image(width: int, height: int, x: float, y: float) -> None:
    image = Size(width=width, height=height)
    if max(width, height) > 16 * min(width, height):
        return
    tiles = first_places(image)[1:]
    assert all(max(pixels_of(tile, image)) <= MAX_TILE_SIDE + 1 for tile in tiles)
    assert not tiles or any(contains(tile, x, y) for tile in tiles)


@given(width=SIDES, height=SIDES, left=PLACES, top=PLACES)
def test_a_face_that_is_too_small_for_the_whole_image_is_whole_in_a_tile(
    width: int, height: int, left: float, top: float
) -> None:
    # Rekognition finds faces of a 48th of the longer side in the whole image.
    image = Size(width=width, height=height)
    if max(width, height) > 16 * min(width, height):
        return
    side = max(width, height) / 48
    across, down = side / width, side / height
    x, y = left * max(0.0, 1 - across), top * max(0.0, 1 - down)
    tiles = first_places(image)[1:]
    assert not tiles or any(
        contains(tile, x, y) and contains(tile, x + across - 1e-9, y + down - 1e-9) for tile in tiles
    )


def test_where_a_hundred_faces_were_found_four_tiles_are_searched() -> None:
    image = Size(width=4000, height=3000)
    tiles = closer_places(WHOLE, image=image)
    assert len(tiles) == 4
    assert all(pixels_of(tile, image)[0] == pytest.approx(4000 / 1.8) for tile in tiles)
    within = closer_places(tiles[3], image=image)
    assert within[-1].right == within[-1].bottom == 1
    assert within[0].left == tiles[3].left


def test_a_place_that_is_too_small_is_not_divided() -> None:
    place, image = WHOLE, Size(width=1000, height=1000)
    sides = []
    while closer := closer_places(place, image=image):
        place = closer[0]
        sides.append(pixels_of(place, image)[0])
    assert [round(side) for side in sides] == [556, 309]
    assert sides[-1] <= MIN_TILE_SIDE


def test_a_box_of_a_tile_is_the_same_box_of_the_whole_image() -> None:
    place = Place(left=0.5, top=0.25, right=1, bottom=0.5)
    assert in_whole(face(0.2, 0.4, 0.6, 0.8), place=place) == face(0.6, 0.35, 0.3, 0.2)


def test_a_box_that_overhangs_its_tile_is_not_cut() -> None:
    place = Place(left=0, top=0, right=0.5, bottom=0.5)
    box = in_whole(face(0.8, -0.1, 0.6, 0.4), place=place)
    assert (box.right, box.top) == pytest.approx((0.7, -0.05))


def test_boxes_of_one_face_become_one_box_that_covers_both() -> None:
    first, second = face(0.1, 0.1, 0.2, 0.2), face(0.12, 0.11, 0.2, 0.2)
    (merged,) = without_duplicates([first, second])
    assert (merged.left, merged.top) == (0.1, 0.1)
    assert (merged.right, merged.bottom) == pytest.approx((0.32, 0.31))


def test_a_part_of_a_face_at_the_edge_of_a_tile_is_part_of_the_whole_face() -> None:
    assert len(without_duplicates([face(0.1, 0.1, 0.2, 0.2), face(0.25, 0.1, 0.05, 0.2)])) == 1


def test_faces_side_by_side_stay_two() -> None:
    faces = [face(0.1, 0.1, 0.2, 0.2), face(0.25, 0.1, 0.2, 0.2)]
    assert without_duplicates(faces) == faces


def test_a_face_and_a_text_at_one_place_stay_two() -> None:
    boxes = [face(0.1, 0.1, 0.2, 0.2), face(0.1, 0.1, 0.2, 0.2, kind=BoxKind.TEXT)]
    assert without_duplicates(boxes) == boxes


@given(
    st.lists(st.builds(face, PLACES, PLACES, st.floats(0, 0.5), st.floats(0, 0.5)), max_size=8),
)
def test_no_box_loses_a_part_when_duplicates_are_merged(boxes: list[Box]) -> None:
    merged = without_duplicates(boxes)
    for box in boxes:
        assert any(
            one.left <= box.left + 1e-9
            and one.top <= box.top + 1e-9
            and one.right >= box.right - 1e-9
            and one.bottom >= box.bottom - 1e-9
            for one in merged
        )
