from pathlib import Path

import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import decoded, encoded, four_corners

from imagekit.rendering.ssim import ssim
from imagekit.watermarks.invisible import MAX_CHARACTERS, mark_invisibly, read_mark

PHOTOGRAPHS = ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg"]
MARKS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=MAX_CHARACTERS)


def photograph(name: str, *, shorter_side: int) -> Image.Image:
    picture = Image.open(Path(skimage.data.__file__).parent / name).convert("RGB")
    scale = shorter_side / min(picture.size)
    return resized(picture, scale)


def resized(picture: Image.Image, scale: float) -> Image.Image:
    size = (round(scale * picture.width), round(scale * picture.height))
    return picture.resize(size, Image.Resampling.LANCZOS)


def compressed(picture: Image.Image, image_type: str, **options: int) -> Image.Image:
    return decoded(encoded(picture, image_type, **options)).convert(picture.mode)


@pytest.mark.parametrize("side", [400, 800])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_mark_survives_jpeg_and_halving_and_is_invisible(name: str, side: int) -> None:
    picture = photograph(name, shorter_side=side)
    marked = mark_invisibly(picture, mark="IMG-0042")
    assert ssim(picture.convert("L"), marked.convert("L")) >= 0.98
    assert read_mark(marked) == "IMG-0042"
    assert read_mark(compressed(marked, "JPEG", quality=75)) == "IMG-0042"
    assert read_mark(resized(marked, 0.5)) == "IMG-0042"


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_mark_survives_jpeg_followed_by_halving(name: str) -> None:
    marked = mark_invisibly(photograph(name, shorter_side=640), mark="IMG-0042")
    first = resized(compressed(marked, "JPEG", quality=75), 0.5)
    assert read_mark(first) == "IMG-0042"
    assert read_mark(compressed(first, "JPEG", quality=75)) == "IMG-0042"


@pytest.mark.parametrize(("image_type", "quality"), [("WEBP", 80), ("AVIF", 60), ("PNG", 0)])
def test_a_mark_survives_every_format(image_type: str, quality: int) -> None:
    marked = mark_invisibly(photograph("coffee.png", shorter_side=480), mark="a")
    assert read_mark(compressed(marked, image_type, quality=quality)) == "a"


@settings(max_examples=15)
@given(mark=MARKS, name=st.sampled_from(PHOTOGRAPHS))
def test_every_mark_survives_jpeg_and_a_halving(mark: str, name: str) -> None:
    marked = mark_invisibly(photograph(name, shorter_side=480), mark=mark)
    assert read_mark(resized(compressed(marked, "JPEG", quality=75), 0.5)) == mark


@pytest.mark.parametrize(
    "name",
    ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "retina.jpg", "page.png", "text.png", "brick.png"],
)
def test_no_mark_is_read_where_there_is_none(name: str) -> None:
    picture = photograph(name, shorter_side=400)
    assert read_mark(picture) is None
    assert read_mark(compressed(picture, "JPEG", quality=75)) is None


@settings(max_examples=40)
@given(width=st.integers(1, 300), height=st.integers(1, 300), sigma=st.sampled_from([0, 5, 60]))
def test_no_mark_is_read_in_noise(width: int, height: int, sigma: float) -> None:
    assert read_mark(Image.effect_noise((width, height), sigma).convert("RGB")) is None


def test_a_cropped_mark_is_never_read_as_another_one() -> None:
    marked = mark_invisibly(photograph("coffee.png", shorter_side=400), mark="IMG-0042")
    for part in range(1, 12):
        cut = marked.crop((part * 10, part * 7, marked.width, marked.height))
        assert read_mark(cut) in (None, "IMG-0042")


def test_transparency_is_kept_and_the_mark_is_read_on_white() -> None:
    picture = photograph("astronaut.png", shorter_side=480)
    picture.putalpha(Image.linear_gradient("L").resize(picture.size).point(lambda value: min(4 * value, 255)))
    marked = mark_invisibly(picture, mark="IMG-0042")
    assert marked.mode == "RGBA"
    assert marked.getchannel("A") == picture.getchannel("A")
    assert read_mark(marked) == "IMG-0042"
    assert read_mark(compressed(marked, "WEBP", quality=80)) == "IMG-0042"


def test_marking_does_not_change_the_original_picture() -> None:
    picture = four_corners(60, 40)
    mark_invisibly(picture, mark="a")
    assert picture == four_corners(60, 40)


def test_the_same_mark_gives_the_same_picture() -> None:
    picture = photograph("coffee.png", shorter_side=200)
    assert mark_invisibly(picture, mark="a") == mark_invisibly(picture, mark="a")


@settings(max_examples=30)
@given(width=st.integers(1, 600), height=st.integers(1, 600), mode=st.sampled_from(["RGB", "RGBA"]))
def test_a_picture_of_any_size_can_be_marked(width: int, height: int, mode: str) -> None:
    assert mark_invisibly(Image.new(mode, (width, height), "#204060"), mark="a").size == (width, height)


def test_a_marked_picture_changes_by_a_few_levels_at_most() -> None:
    picture = photograph("astronaut.png", shorter_side=400)
    marked = mark_invisibly(picture, mark="IMG-0042")
    differences = [
        abs(before - after)
        for before, after in zip(picture.convert("L").tobytes(), marked.convert("L").tobytes(), strict=True)
    ]
    assert max(differences) <= 8
    assert sum(differences) / len(differences) < 2
