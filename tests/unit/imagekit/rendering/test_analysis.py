import pytest
from PIL import Image
from tests.unit.pictures import CORNERS, ORIENTATIONS, corners_of, decoded, encoded, four_corners, photograph

from imagekit.decoding.limits import inspect
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.rekognition import MAX_BYTES
from safelight_contracts.renditions import Fit, Rendition


def prepared_from(data: bytes) -> bytes:
    return prepare_analysis_image(data, header=inspect(data, limits=Limits())).data


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_analysis_image_is_upright(orientation: int) -> None:
    picture = decoded(prepared_from(photograph(width=240, height=160, orientation=orientation)))
    assert corners_of(picture) == {corner: corner for corner in CORNERS}
    assert picture.size == (240, 160)


def test_an_analysis_image_is_a_jpeg_of_bounded_sides() -> None:
    picture = decoded(prepared_from(encoded(Image.new("RGB", (3001, 2000)), "WEBP")))
    assert (picture.format, picture.size) == ("JPEG", (1920, 1280))


def test_an_analysis_image_has_bounded_bytes() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1920, 1920), 255) for _ in range(3)])
    assert len(prepared_from(encoded(noise, "BMP"))) <= MAX_BYTES


@pytest.mark.parametrize("sides", [(16, 16), (1, 1), (1, 3), (1, 16), (40, 600), (48, 3)])
def test_an_analysis_image_has_at_least_rekognitions_minimum_size(sides: tuple[int, int]) -> None:
    picture = decoded(prepared_from(encoded(Image.new("RGB", sides), "PNG")))
    assert min(picture.size) >= 80
    assert max(picture.size) <= 1920


def test_a_tiny_icon_is_enlarged() -> None:
    picture = decoded(prepared_from(encoded(four_corners(16, 24), "PNG")))
    assert picture.size == (80, 120)
    assert corners_of(picture) == {corner: corner for corner in CORNERS}


def test_transparency_is_shown_on_white_like_in_opaque_renditions() -> None:
    data = encoded(Image.new("RGBA", (200, 100), (0, 0, 0, 0)), "PNG")
    jpeg = Rendition(name="small", width=100, height=None, fit=Fit.INSIDE, type=ImageType.JPEG)
    (rendition,) = render(data, header=inspect(data, limits=Limits()), renditions=[jpeg])
    shown = [decoded(file).getpixel((50, 25)) for file in (prepared_from(data), rendition.data)]
    assert shown == [(255, 255, 255)] * 2
