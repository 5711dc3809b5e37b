from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence
from tests.unit.pictures import decoded, encoded, four_corners
from tests.unit.profiles import display_p3

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition
from safelight_contracts.watermarks import Watermark, WatermarkPosition

MARK = Watermark(
    words="mine",
    color="#ff0000",
    position=WatermarkPosition.BOTTOM_RIGHT,
    scale=0.2,
    opacity=0.5,
    margin=0.02,
)
SIDE = 420


def hidden(picture: Image.Image) -> Image.Image:
    """Hide all of a picture under alpha 0."""
    picture = picture.convert("RGBA")
    picture.putalpha(0)
    return picture


def half_hidden(picture: Image.Image) -> Image.Image:
    """Hide the left half of a picture."""
    alpha = Image.new("L", picture.size, 255)
    alpha.paste(0, (0, 0, picture.width // 2, picture.height))
    picture = picture.convert("RGBA")
    picture.putalpha(alpha)
    return picture


def made(data: bytes, rendition: Rendition) -> Image.Image:
    (image,) = render(data, header=inspect(data, limits=Limits()), renditions=[rendition])
    return decoded(image.data)


def rendition(image_type: ImageType, *, width: int = SIDE, **options: object) -> Rendition:
    return Rendition(name="a", width=width, height=None, fit=Fit.INSIDE, type=image_type, **options)  # type: ignore[arg-type]


def colors_under_alpha_0(picture: Image.Image) -> int:
    """The brightest level of any colour that stands under alpha 0."""
    pixels = np.asarray(picture.convert("RGBA"))
    return int(pixels[pixels[..., 3] == 0][:, :3].max(initial=0))


@pytest.mark.parametrize("width", [SIDE, SIDE // 2])
@pytest.mark.parametrize("image_type", [ImageType.PNG, ImageType.WEBP, ImageType.AVIF])
def test_colors_under_alpha_0_are_not_in_a_rendition(image_type: ImageType, width: int) -> None:
    data = encoded(hidden(four_corners(SIDE, SIDE)), "PNG")
    picture = made(data, rendition(image_type, width=width))
    assert picture.size == (width, width)
    assert colors_under_alpha_0(picture) == 0


@pytest.mark.parametrize("width", [SIDE, SIDE // 3])
def test_pixels_outside_the_visible_part_are_not_in_a_rendition(width: int) -> None:
    data = encoded(half_hidden(four_corners(SIDE, SIDE)), "PNG")
    assert colors_under_alpha_0(made(data, rendition(ImageType.PNG, width=width))) == 0


@pytest.mark.parametrize("alpha", [1, 7])
@pytest.mark.parametrize("width", [SIDE, SIDE // 2])
@pytest.mark.parametrize("image_type", [ImageType.PNG, ImageType.WEBP, ImageType.AVIF])
def test_nearly_invisible_pixels_are_not_in_a_rendition(image_type: ImageType, width: int, alpha: int) -> None:
    picture = four_corners(SIDE, SIDE)
    picture.putalpha(alpha)
    pixels = np.asarray(made(encoded(picture, "PNG"), rendition(image_type, width=width)).convert("RGBA"))
    assert pixels.max() == 0


@pytest.mark.parametrize("image_type", ["WEBP", "PNG"])
def test_nearly_invisible_pixels_are_removed_before_checks(image_type: str) -> None:
    picture = four_corners(SIDE, SIDE)
    picture.putalpha(7)
    data = encoded(picture, image_type, **({"lossless": True, "exact": True} if image_type == "WEBP" else {}))
    header = inspect(data, limits=Limits())
    pixels = decode(data, header=header).upright_picture()
    assert np.asarray(pixels.convert("RGBA")).max() == 0


def test_faint_but_visible_pixels_are_kept() -> None:
    picture = four_corners(SIDE, SIDE)
    picture.putalpha(8)
    kept = made(encoded(picture, "PNG"), rendition(ImageType.PNG))
    assert np.array_equal(np.asarray(kept), np.asarray(picture))


def test_converting_colors_restores_no_hidden_color() -> None:
    data = encoded(hidden(four_corners(SIDE, SIDE)), "PNG", icc_profile=display_p3())
    assert colors_under_alpha_0(made(data, rendition(ImageType.PNG))) == 0


def test_transparent_padding_has_no_color() -> None:
    data = encoded(half_hidden(four_corners(SIDE, SIDE)), "PNG")
    padded = Rendition(
        name="a", width=SIDE, height=SIDE // 2, fit=Fit.CONTAIN, type=ImageType.PNG, background="#ff000000"
    )
    assert colors_under_alpha_0(made(data, padded)) == 0


def test_marks_restore_no_hidden_color() -> None:
    data = encoded(half_hidden(four_corners(SIDE, SIDE)), "PNG")
    marked = rendition(ImageType.PNG, watermark=MARK, invisible_watermark="mine")
    assert colors_under_alpha_0(made(data, marked)) == 0


def test_hidden_colors_do_not_bleed_into_visible_edges() -> None:
    picture = Image.new("RGB", (SIDE, SIDE), (255, 0, 0))
    picture.paste((0, 0, 255), (SIDE // 2, 0, SIDE, SIDE))
    small = made(encoded(half_hidden(picture), "PNG"), rendition(ImageType.PNG, width=100))
    # Whatever has any opacity at all is blue, as far as that little of it can tell.
    pixels = np.asarray(small.convert("RGBA"))
    assert pixels[pixels[..., 3] > 16][:, 0].max() <= 8


@pytest.mark.parametrize("image_type", ["GIF", "WEBP"])
def test_hidden_colors_of_an_animation_are_not_in_its_rendition(image_type: str) -> None:
    frames = [hidden(four_corners(120, 80)), hidden(four_corners(120, 80).rotate(180))]
    data = encoded(frames[0], image_type, save_all=True, append_images=frames[1:], duration=100, loop=0)
    animation = Rendition(name="a", width=120, height=None, fit=Fit.INSIDE, type=ImageType.WEBP, animated=True)
    (image,) = render(data, header=inspect(data, limits=Limits()), renditions=[animation])
    for frame in ImageSequence.Iterator(Image.open(BytesIO(image.data))):
        assert colors_under_alpha_0(frame) == 0


@settings(max_examples=30, deadline=None)
@given(
    pixels=st.lists(st.tuples(*[st.integers(0, 255)] * 3, st.sampled_from([0, 1, 128, 255])), min_size=64, max_size=64),
    width=st.integers(1, 12),
)
def test_no_rendition_has_a_color_under_alpha_0(pixels: list[tuple[int, int, int, int]], width: int) -> None:
    picture = Image.new("RGBA", (8, 8))
    picture.putdata(pixels)
    small = made(encoded(picture, "PNG"), rendition(ImageType.PNG, width=width))
    assert colors_under_alpha_0(small) == 0
