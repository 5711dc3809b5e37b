from typing import Any

import pytest
from PIL import Image, ImageDraw
from skimage import data
from tests.unit.pictures import decoded

import imagekit.rendering.quality
from imagekit.decoding.color import flatten
from imagekit.rendering.encode import encode
from imagekit.rendering.quality import encode_to_target
from imagekit.rendering.ssim import ssim
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import Ssim

LOSSY = [ImageType.JPEG, ImageType.WEBP, ImageType.AVIF]


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    return Image.fromarray(data.coffee()).resize((300, 200), Image.Resampling.LANCZOS)  # type: ignore[no-untyped-call]


@pytest.fixture
def encodes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    qualities: list[int] = []

    def counted(*arguments: Any, quality: int, **options: Any) -> bytes:
        qualities.append(quality)
        return encode(*arguments, quality=quality, **options)

    monkeypatch.setattr(imagekit.rendering.quality, "encode", counted)
    return qualities


def reached(picture: Image.Image, *, image_type: ImageType, value: float, tolerance: float = 0.0) -> bytes:
    target = Ssim(value=value, tolerance=tolerance)
    return encode_to_target(picture, image_type=image_type, target=target, background="#ffffff")


def similarity(file: bytes, picture: Image.Image) -> float:
    return ssim(decoded(file).convert("L"), picture.convert("L"))


@pytest.mark.parametrize("value", [0.92, 0.95, 0.97, 0.99])
@pytest.mark.parametrize("image_type", LOSSY)
def test_the_file_reaches_its_target(photograph: Image.Image, image_type: ImageType, value: float) -> None:
    assert similarity(reached(photograph, image_type=image_type, value=value), photograph) >= value


@pytest.mark.parametrize("image_type", LOSSY)
def test_a_higher_target_takes_a_larger_file(photograph: Image.Image, image_type: ImageType) -> None:
    sizes = [len(reached(photograph, image_type=image_type, value=value)) for value in (0.92, 0.95, 0.97, 0.99)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)


def test_without_a_tolerance_the_quality_is_the_lowest_possible(photograph: Image.Image) -> None:
    file = reached(photograph, image_type=ImageType.JPEG, value=0.95)
    (quality,) = {q for q in range(1, 101) if encode(photograph, image_type=ImageType.JPEG, quality=q) == file}
    lower = encode(photograph, image_type=ImageType.JPEG, quality=quality - 1)
    assert similarity(lower, photograph) < 0.95
    assert len(lower) < len(file)


@pytest.mark.parametrize("value", [0.01, 0.5, 0.92, 0.99, 0.99999])
def test_it_takes_seven_encodes_at_most(photograph: Image.Image, encodes: list[int], value: float) -> None:
    reached(photograph, image_type=ImageType.JPEG, value=value)
    assert len(encodes) <= 7


@pytest.mark.parametrize(("affordable", "most"), [(0, 2), (2, 2), (4, 4), (100, 7)])
@pytest.mark.parametrize("value", [0.5, 0.92, 0.99, 0.99999])
def test_a_larger_picture_takes_fewer_encodes_and_reaches_its_target_if_any_quality_does(
    photograph: Image.Image,
    encodes: list[int],
    monkeypatch: pytest.MonkeyPatch,
    value: float,
    affordable: int,
    most: int,
) -> None:
    monkeypatch.setattr(imagekit.rendering.quality, "_TRIED_PIXELS", affordable * 300 * 200)
    file = reached(photograph, image_type=ImageType.JPEG, value=value)
    assert len(encodes) <= most
    assert similarity(file, photograph) >= value or encodes[-1] == 100


def test_a_tolerance_takes_fewer_encodes(photograph: Image.Image, encodes: list[int]) -> None:
    file = reached(photograph, image_type=ImageType.JPEG, value=0.95, tolerance=0.02)
    assert len(encodes) < 6
    assert 0.95 <= similarity(file, photograph) <= 0.97


def test_an_unreachable_target_gets_the_highest_quality(encodes: list[int]) -> None:
    noise = Image.effect_noise((64, 64), 120).convert("RGB")
    file = reached(noise, image_type=ImageType.WEBP, value=0.9999999)
    assert max(encodes) == 100
    assert file == encode(noise, image_type=ImageType.WEBP, quality=100)


@pytest.mark.parametrize("color", ["white", "black"])
@pytest.mark.parametrize("image_type", [ImageType.WEBP, ImageType.AVIF])
def test_a_one_color_drawing_on_transparency_is_checked_on_another_color(image_type: ImageType, color: str) -> None:
    drawing = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    for at in range(10, 150, 14):
        ImageDraw.Draw(drawing).ellipse((at, at // 2, at + 40, at + 30), outline=color, width=2)
    file = decoded(reached(drawing, image_type=image_type, value=0.97))
    for ground in ("black", "white"):
        assert ssim(flatten(file, color=ground).convert("L"), flatten(drawing, color=ground).convert("L")) >= 0.97
