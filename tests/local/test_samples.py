from pathlib import Path

import pytest
from PIL import Image, ImageOps

from safelight_local.demo import cases
from safelight_local.samples import Samples, write_samples

ORIENTATION = 0x0112
GPS = 0x8825


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return write_samples(tmp_path_factory.mktemp("samples"))


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_one_sample_is_large_and_one_is_too_small(samples: Samples) -> None:
    assert size_of(samples.landscape) == (2400, 1600)
    assert size_of(samples.small) == (300, 200)


def test_the_rotated_portrait_is_shown_upright(samples: Samples) -> None:
    with Image.open(samples.sideways) as image:
        assert image.size == (1600, 1200)
        assert image.getexif()[ORIENTATION] == 6
        assert ImageOps.exif_transpose(image).size == (1200, 1600)


def test_the_rotated_portrait_has_a_position(samples: Samples) -> None:
    with Image.open(samples.sideways) as image:
        assert image.getexif().get_ifd(GPS)[1] == "N"


def test_the_text_file_is_not_an_image(samples: Samples) -> None:
    assert samples.text.suffix == ".jpg"
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(samples.text)


def test_the_odd_name_has_characters_that_break_key_decoding(samples: Samples) -> None:
    assert {" ", "+", "%", "é"} <= set(samples.odd_name.name)


@pytest.mark.parametrize(
    ("version", "reasons"),
    [
        ("v1", {"UNREADABLE_IMAGE"}),
        ("v2", {"UNREADABLE_IMAGE"}),
        ("v3", {"UNREADABLE_IMAGE", "IMAGE_TOO_SMALL"}),
        (
            "v4",
            {
                "UNREADABLE_IMAGE",
                "IMAGE_TOO_SMALL",
                "NO_PEOPLE_ALLOWED",
                "UNSUPPORTED_PLACE_TYPE",
                "PLACE_NOT_FOUND",
            },
        ),
    ],
)
def test_each_version_gives_the_reasons_that_it_supports(samples: Samples, version: str, reasons: set[str]) -> None:
    assert {case.reason for case in cases(samples, version=version)} - {None} == reasons


def test_no_two_uploads_of_the_demo_have_the_same_key(samples: Samples) -> None:
    keys = [(case.place_id, case.path.name) for case in cases(samples, version="v4")]
    assert len(set(keys)) == len(keys)
