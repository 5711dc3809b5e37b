"""Marks together with other options of a rendition."""

from pathlib import Path
from typing import Any

import pytest
import skimage.data
from PIL import Image, ImageChops
from tests.unit.pictures import decoded, encoded, exif

from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from imagekit.watermarks.invisible import read_mark
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition, Ssim
from safelight_contracts.watermarks import Watermark, WatermarkPosition

COFFEE = Image.open(Path(skimage.data.__file__).parent / "coffee.png").convert("RGB")
RED_CORNER = Watermark(
    file=encoded(Image.new("RGB", (50, 50), "red"), "PNG"),
    file_name="mark.png",
    position=WatermarkPosition.TOP_LEFT,
    scale=0.2,
    opacity=1.0,
    margin=0.0,
)
WRITTEN = [ImageType.JPEG, ImageType.PNG, ImageType.WEBP, ImageType.AVIF]


def rendition(name: str = "a", **asked: Any) -> Rendition:
    return Rendition(**{"name": name, "width": 480, "height": None, "fit": Fit.INSIDE, "type": ImageType.JPEG, **asked})


def pictures(data: bytes, *renditions: Rendition) -> list[Image.Image]:
    return [decoded(made.data) for made in render(data, header=inspect(data, limits=Limits()), renditions=renditions)]


@pytest.mark.parametrize("image_type", WRITTEN)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_both_marks_are_in_every_format(image_type: ImageType, mode: str) -> None:
    both = rendition(type=image_type, watermark=RED_CORNER, invisible_watermark="IMG-0042")
    (made,) = pictures(encoded(COFFEE.convert(mode), "PNG"), both)
    red, green, blue, *_ = made.getpixel((20, 20))  # type: ignore[misc]
    assert red > 230
    assert green < 25
    assert blue < 25
    assert read_mark(made) == "IMG-0042"


def test_marks_are_upright_on_a_rotated_image() -> None:
    lying = COFFEE.transpose(Image.Transpose.ROTATE_90)
    data = encoded(lying, "JPEG", quality=95, exif=exif(orientation=6))
    (made,) = pictures(data, rendition(watermark=RED_CORNER, invisible_watermark="IMG-0042"))
    assert made.size == (480, 320)
    red, green, _ = made.getpixel((20, 20))  # type: ignore[misc]
    assert (red > 230, green < 25) == (True, True)
    assert read_mark(made) == "IMG-0042"


def test_an_unmarked_rendition_next_to_a_marked_one_is_unchanged() -> None:
    data = encoded(COFFEE, "PNG")
    plain = rendition("plain", type=ImageType.PNG)
    marked = rendition("marked", type=ImageType.PNG, watermark=RED_CORNER, invisible_watermark="IMG-0042")
    (alone,) = pictures(data, plain)
    _, beside = pictures(data, marked, plain)
    assert ImageChops.difference(alone, beside).getbbox() is None


def test_every_size_of_a_set_is_marked() -> None:
    sizes = [rendition(str(width), width=width, invisible_watermark="IMG-0042") for width in (600, 500, 400)]
    assert [read_mark(made) for made in pictures(encoded(COFFEE, "PNG"), *sizes)] == ["IMG-0042"] * 3


def test_a_mark_also_covers_the_padding() -> None:
    padded = rendition(height=480, fit=Fit.CONTAIN, watermark=RED_CORNER, invisible_watermark="IMG-0042")
    (made,) = pictures(encoded(COFFEE, "PNG"), padded)
    red, green, _ = made.getpixel((20, 20))  # type: ignore[misc]
    assert (red > 230, green < 25) == (True, True)
    assert read_mark(made) == "IMG-0042"


def test_a_file_encoded_to_a_similarity_keeps_its_mark() -> None:
    (made,) = pictures(
        encoded(COFFEE, "PNG"), rendition(invisible_watermark="IMG-0042", target=Ssim(0.95, tolerance=0.01))
    )
    assert read_mark(made) == "IMG-0042"


def test_an_image_of_one_pixel_can_be_marked() -> None:
    (made,) = pictures(
        encoded(Image.new("RGB", (1, 1)), "PNG"), rendition(watermark=RED_CORNER, invisible_watermark="IMG-0042")
    )
    assert made.size == (1, 1)
