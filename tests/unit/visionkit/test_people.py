import io
from collections.abc import Callable

import pytest
from PIL import Image
from tests.local.rekognition.photographs import cameraman, cat, cup, encoded, lying_on_its_side, person

from imagekit.tiles import Tiles
from visionkit.image import UndecodableImageError
from visionkit.people import see_people

COUNTS = 0.5


@pytest.mark.parametrize("photograph", [person, cameraman])
def test_a_person_is_seen_once(photograph: Callable[[], Image.Image]) -> None:
    detection = see_people(encoded(photograph()), min_confidence=COUNTS)
    assert (detection.people, detection.confidence > 0.7) == (1, True)


@pytest.mark.parametrize("photograph", [cup, cat])
def test_nobody_is_found_in_an_image_without_people(photograph: Callable[[], Image.Image]) -> None:
    detection = see_people(encoded(photograph()), min_confidence=COUNTS)
    assert (detection.people, detection.confidence < 0.2) == (0, True)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_every_format_of_an_analysis_image_is_read(format: str) -> None:  # noqa: A002 - Pillow's word
    assert see_people(encoded(person(), format=format), min_confidence=COUNTS).people == 1


def test_two_adjacent_people_are_two() -> None:
    one = person()
    both = Image.new("RGB", (2 * one.width, one.height))
    both.paste(one, (0, 0))
    both.paste(one, (one.width, 0))
    assert see_people(encoded(both), min_confidence=COUNTS).people == 2


def test_an_orientation_left_in_the_image_is_applied() -> None:
    assert see_people(lying_on_its_side(person()), min_confidence=COUNTS).people == 1


def test_a_person_in_a_wide_image_is_seen() -> None:
    wide = Image.new("RGB", (1500, 512), "white")
    wide.paste(person(), (500, 0))
    assert see_people(encoded(wide), min_confidence=COUNTS).people == 1


def test_too_high_a_min_confidence_counts_nobody_and_reports_the_highest_confidence() -> None:
    detection = see_people(encoded(person()), min_confidence=0.999)
    assert (detection.people, detection.confidence > 0.7) == (0, True)


@pytest.mark.parametrize("data", [b"", b"no image", encoded(cup())[:200]])
def test_an_undecodable_file_is_not_an_image(data: bytes) -> None:
    with pytest.raises(UndecodableImageError):
        see_people(data, min_confidence=COUNTS)


def test_the_smallest_image_is_examined() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1)).save(buffer, "PNG")
    assert see_people(buffer.getvalue(), min_confidence=COUNTS).people == 0


def test_a_body_and_a_face_are_found_where_they_are() -> None:
    wide = Image.new("RGB", (1500, 512), "white")
    wide.paste(person(), (500, 0))
    found = {one.name: one for one in see_people(encoded(wide), min_confidence=COUNTS).found}
    assert found.keys() == {"Person", "Face"}
    assert all(one.confidence >= COUNTS for one in found.values())
    face, body = found["Face"].box, found["Person"].box
    assert 500 / 1500 < face.left < face.right < 1012 / 1500
    # The head of the astronaut is in the upper half of the picture.
    assert 0 < face.top < face.bottom < 0.6
    assert body.left < face.left < face.right < body.right


def test_what_is_below_the_min_confidence_is_not_found() -> None:
    assert see_people(encoded(person()), min_confidence=0.999).found == []


def test_what_is_found_in_a_tile_has_its_place_in_the_whole_image() -> None:
    (alone, *_) = see_people(encoded(person()), min_confidence=COUNTS).found
    sheet = Image.new("RGB", (1024, 512), "white")
    sheet.paste(person(), (512, 0))
    (in_tile, *_) = see_people(encoded(sheet), min_confidence=COUNTS, tiles=Tiles(columns=2, rows=1)).found
    assert in_tile.box.left == pytest.approx(0.5 + alone.box.cut().left / 2, abs=0.02)
    assert in_tile.box.right == pytest.approx(0.5 + alone.box.cut().right / 2, abs=0.02)
    assert in_tile.box.top == pytest.approx(alone.box.cut().top, abs=0.02)
