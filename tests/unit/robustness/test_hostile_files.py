import pytest
from PIL import Image
from tests.unit.pictures import encoded, four_corners
from tests.unit.raw_pictures import dng
from tests.unit.robustness import hostile
from tests.unit.robustness.sandbox import ENDED, outcomes_in_sandbox

from imagekit.rejection import ImageFault

SMALL = four_corners(90, 70)
LIE = (1400, 1300)
KINDS_OF_NUMBERS = (2, 3, 4, 5, 9, 11, 12)

GIANTS = hostile.giants()
BOMBS = {
    "PNG": hostile.png(2000, 2000, depth=16, color=6),
    "TIFF": hostile.tiff_bomb(2000),
    "WEBP": hostile.webp_bomb(2000),
    "GIF": encoded(Image.new("P", (2000, 2000)), "GIF"),
    "AVIF": encoded(Image.new("RGB", (2000, 2000)), "AVIF", speed=10),
    "HEIC": hostile.heic_that_says(2000, 2000),
}
LIES = {
    "PNG": hostile.lying_png(*LIE),
    "HEIC": hostile.heic_that_says(16, 16),
    "JPEG": hostile.resized_header(encoded(SMALL, "JPEG"), size=(70, 90), lie=LIE, order=">HH"),
    "BMP": hostile.resized_header(encoded(SMALL, "BMP"), size=(90, 70), lie=LIE, order="<ii"),
    "WEBP": hostile.resized_header(encoded(SMALL, "WEBP"), size=(90, 70), lie=LIE, order="<HH"),
    "GIF": hostile.resized_header(encoded(SMALL, "GIF"), size=(90, 70), lie=LIE, order="<HH"),
    "AVIF": hostile.resized_header(encoded(SMALL, "AVIF"), size=(90, 70), lie=LIE, order=">II"),
}
TILES = {kind: hostile.tiff_with_a_tile(image_side=16, tile_side=14_000, kind=kind) for kind in (3, 4, 9, 16)}
PROFILES = {f"TIFF, kind {kind}": hostile.tiff_with_a_profile_of_kind(kind) for kind in KINDS_OF_NUMBERS} | {
    image_type: encoded(SMALL, image_type, icc_profile=hostile.icc_in_a_circle())
    for image_type in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF")
}
CIRCLES = {
    image_type: encoded(SMALL, image_type, exif=hostile.exif_in_a_circle())
    for image_type in ("JPEG", "PNG", "WEBP", "AVIF")
} | {"TIFF": hostile.tiff_directory_in_a_circle()}
GREEDY = {
    "tags that each hold the file": hostile.tiff_whose_tags_are_the_file(),
    "texts that inflate": hostile.png_text_bomb(),
    "GIF of many frames": hostile.gif_of_many_frames(2000),
    "JPEG of many scans": hostile.jpeg_of_more_scans(10_000),
    "RAW whose preview has many scans": dng(Image.new("RGB", (1400, 1400)), preview=hostile.jpeg_of_more_scans(10_000)),
    "previews that are not there": hostile.jpeg_with(b"MPF\0II*\0\x08\0\0\0" + b"\xff" * 60, marker=0xE2),
    "parts of a profile": hostile.jpeg_with(b"ICC_PROFILE\0\xff\xff" + hostile.icc_in_a_circle(), marker=0xE2),
}
POLYGLOTS = hostile.polyglots()
A_TILE = hostile.tiff_with_a_tile(image_side=90, tile_side=256)

Outcomes = dict[bytes, dict[str, str]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    made = [A_TILE, *TILES.values()]
    for group in (GIANTS, BOMBS, LIES, PROFILES, CIRCLES, GREEDY, POLYGLOTS):
        made += group.values()
    files = {str(number): data for number, data in enumerate(made)}
    found = outcomes_in_sandbox(files, folder=tmp_path_factory.mktemp("hostile"))
    return {data: found[name] for name, data in files.items()}


def is_shown(outcome: dict[str, str]) -> bool:
    return not set(outcome.values()) & set(ImageFault)


@pytest.mark.parametrize("image_type", GIANTS)
def test_65_535_pixels_a_side_are_too_large(image_type: str, outcomes: Outcomes) -> None:
    header = f"{image_type} of 65535 x 65535"
    assert outcomes[GIANTS[image_type]] == {"header": header, "limits": ImageFault.IMAGE_TOO_LARGE}


@pytest.mark.parametrize("image_type", BOMBS)
def test_a_bomb_of_many_pixels_is_too_large(image_type: str, outcomes: Outcomes) -> None:
    header = f"{image_type} of 2000 x 2000"
    assert outcomes[BOMBS[image_type]] == {"header": header, "limits": ImageFault.IMAGE_TOO_LARGE}


@pytest.mark.parametrize("image_type", LIES)
def test_a_header_that_lies_about_size_gives_a_value_or_a_rejection(image_type: str, outcomes: Outcomes) -> None:
    assert ENDED not in outcomes[LIES[image_type]], outcomes[LIES[image_type]][ENDED]


@pytest.mark.parametrize("kind", TILES)
def test_a_tile_much_larger_than_its_image_is_unreadable(kind: int, outcomes: Outcomes) -> None:
    outcome = outcomes[TILES[kind]]
    assert outcome == {"header": outcome["header"]} | dict.fromkeys(["prepared", "renditions"], "UNREADABLE_IMAGE")


def test_a_small_image_in_one_tile_is_shown(outcomes: Outcomes) -> None:
    assert is_shown(outcomes[A_TILE])


@pytest.mark.parametrize("name", PROFILES)
def test_an_invalid_profile_is_ignored(name: str, outcomes: Outcomes) -> None:
    assert ENDED not in outcomes[PROFILES[name]], outcomes[PROFILES[name]][ENDED]
    assert is_shown(outcomes[PROFILES[name]])


@pytest.mark.parametrize("image_type", CIRCLES)
def test_circular_ifds_do_not_make_an_image_unreadable(image_type: str, outcomes: Outcomes) -> None:
    assert ENDED not in outcomes[CIRCLES[image_type]], outcomes[CIRCLES[image_type]][ENDED]
    assert is_shown(outcomes[CIRCLES[image_type]])


@pytest.mark.parametrize("name", GREEDY)
def test_a_small_file_takes_neither_much_memory_nor_much_time(name: str, outcomes: Outcomes) -> None:
    assert ENDED not in outcomes[GREEDY[name]], outcomes[GREEDY[name]][ENDED]


@pytest.mark.parametrize("name", POLYGLOTS)
def test_a_file_of_two_types_has_the_type_of_its_start(name: str, outcomes: Outcomes) -> None:
    no_image = name in {"PDF then JPEG", "RIFF of a sound", "MP4 of no image"}
    assert is_shown(outcomes[POLYGLOTS[name]]) is not no_image
