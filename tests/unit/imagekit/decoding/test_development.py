import struct
from io import BytesIO
from itertools import chain, product

import numpy as np
import pytest
import tifffile
from PIL import Image
from tests.unit.pictures import encoded
from tests.unit.raw_pictures import RATIONAL, SHORT, dng

from imagekit.decoding.development import develop
from imagekit.geometry import Size
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.development import Development, DevelopmentMethod, Highlights, WhiteBalance

AS_SHOT_NEUTRAL = 50728
PRIVATE = 65000
PHOTOMETRIC = 262
COLOR_FILTER_ARRAY = 32803
LINEAR_RAW = 34892
SIZE = Size(width=192, height=128)
HALF_SIZE = Size(width=96, height=64)
# How a sensor under daylight sees white: little red, and green best.
NEUTRAL = (0.5, 1.0, 0.625)
# A scene of known colours, in sRGB, one a patch.
SCENE = ((200, 60, 50), (60, 160, 70), (50, 80, 190), (200, 200, 200), (120, 120, 120), (230, 190, 60))


def scene() -> Image.Image:
    patches = Image.new("RGB", (3, 2))
    patches.putdata(list(SCENE))
    return patches.resize((SIZE.width, SIZE.height), Image.Resampling.NEAREST)


def to_linear(code: np.ndarray) -> np.ndarray:
    value = code / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def seen(picture: Image.Image, *, gain: float = 1.0) -> Image.Image:
    """What a sensor with the white of `NEUTRAL` sees of a picture, coded as `dng` decodes it."""
    light = np.clip(to_linear(np.asarray(picture, dtype=np.float64)) * gain, 0, 1) * NEUTRAL
    return Image.fromarray(np.round(255 * light ** (1 / 2.2)).astype(np.uint8))


def raw_file(*, gain: float = 1.0, preview: bytes | None = None) -> bytes:
    data = dng(seen(scene(), gain=gain), preview=preview)
    # Behind the denominator that ends the colour matrix.
    ones = struct.pack("<7I", *[10_000] * 7)
    assert data.count(ones) == 1
    return data.replace(ones, struct.pack("<7I", 10_000, *chain(*((int(one * 10_000), 10_000) for one in NEUTRAL))))


def without_white(data: bytes) -> bytes:
    tag = struct.pack("<HHI", AS_SHOT_NEUTRAL, RATIONAL, 3)
    assert data.count(tag) == 1
    return data.replace(tag, struct.pack("<HHI", PRIVATE, RATIONAL, 3))


@pytest.fixture(autouse=True)
def half_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take half of the test's small pictures for large enough."""
    monkeypatch.setattr("imagekit.decoding.development.LARGE_ENOUGH", HALF_SIZE.width)


def developed(data: bytes, **how: object) -> Image.Image:
    return develop(data, size=SIZE, development=Development(**how))  # type: ignore[arg-type]


def patches_of(image: Image.Image) -> list[tuple[int, ...]]:
    centres = product(
        (image.height // 4, 3 * image.height // 4), (image.width // 6, image.width // 2, 5 * image.width // 6)
    )
    pixels = np.asarray(image)
    return [tuple(int(one) for one in pixels[y, x]) for y, x in centres]


def worst_difference(image: Image.Image) -> int:
    return max(
        abs(a - b)
        for found, true in zip(patches_of(image), SCENE, strict=True)
        for a, b in zip(found, true, strict=True)
    )


@pytest.mark.parametrize("method", DevelopmentMethod)
def test_a_scene_keeps_its_known_colours(method: DevelopmentMethod) -> None:
    assert worst_difference(developed(raw_file(), method=method, brightness=1.0)) <= 4


@pytest.mark.parametrize(
    ("method", "large_enough", "size"),
    [
        (DevelopmentMethod.PREVIEW, 96, (96, 64)),
        (DevelopmentMethod.HALF, 96, (96, 64)),
        (DevelopmentMethod.HALF, 97, (192, 128)),
        (DevelopmentMethod.FULL, 96, (192, 128)),
    ],
)
def test_half_size_is_developed_if_it_is_large_enough(
    monkeypatch: pytest.MonkeyPatch, method: DevelopmentMethod, large_enough: int, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("imagekit.decoding.development.LARGE_ENOUGH", large_enough)
    assert developed(raw_file(), method=method).size == size


@pytest.mark.parametrize(
    ("method", "shows_preview"),
    [(DevelopmentMethod.PREVIEW, True), (DevelopmentMethod.HALF, False), (DevelopmentMethod.FULL, False)],
)
def test_a_preview_is_shown_only_if_the_method_allows_it(method: DevelopmentMethod, shows_preview: bool) -> None:  # noqa: FBT001
    preview = encoded(Image.new("RGB", (192, 128), (10, 20, 30)), "JPEG")
    image = developed(raw_file(preview=preview), method=method, brightness=1.0)
    assert (worst_difference(image) > 100) is shows_preview


def test_a_file_without_white_balance_gets_the_grey_world_balance() -> None:
    image = developed(without_white(raw_file()), method=DevelopmentMethod.FULL)
    assert image.info["white_balance"] is WhiteBalance.GREY_WORLD
    red, green, blue = np.asarray(image, dtype=np.float64).mean(axis=(0, 1))
    assert max(abs(red - green), abs(blue - green)) < 25


def test_without_any_white_balance_the_same_file_would_be_green() -> None:
    image = developed(without_white(raw_file()), white_balance=WhiteBalance.DAYLIGHT)
    red, green, blue = patches_of(image)[3]
    assert green - red > 40
    assert green - blue > 25


@pytest.mark.parametrize("white_balance", WhiteBalance)
def test_the_used_white_balance_is_reported(white_balance: WhiteBalance) -> None:
    assert developed(raw_file(), white_balance=white_balance).info["white_balance"] is white_balance


def test_brightness_is_a_factor_on_the_light() -> None:
    once, twice = (patches_of(developed(raw_file(gain=0.25), brightness=factor)) for factor in (1.0, 4.0))
    assert patches_of(developed(raw_file(), brightness=1.0)) == pytest.approx(np.array(twice), abs=4)
    assert np.array(once).sum() < np.array(twice).sum()


@pytest.mark.parametrize("highlights", Highlights)
def test_a_saturated_grey_has_no_colour_with_any_highlight_mode(highlights: Highlights) -> None:
    # Green saturates first, which shows as pink where nothing is done.
    grey = patches_of(developed(raw_file(gain=2.5), highlights=highlights, method=DevelopmentMethod.FULL))[3]
    assert max(grey) - min(grey) <= 6


def test_a_full_development_that_needs_too_much_memory_is_rejected_before_it_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("imagekit.decoding.development.MAX_DECODING_BYTES", 14 * (192 * 128 - 1))
    with pytest.raises(ImageRejected) as rejection:
        developed(raw_file(), method=DevelopmentMethod.FULL)
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail == {"width": 192, "height": 128, "maxPixels": 192 * 128 - 1, "type": "RAW"}


def test_half_size_is_developed_if_full_size_needs_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagekit.decoding.development.MAX_DECODING_BYTES", 14 * (192 * 128 - 1))
    assert developed(raw_file()).size == (96, 64)


def linear_raw(samples: np.ndarray) -> bytes:
    """Make a DNG of samples that are not those of a colour filter array."""
    colors = samples.shape[2] if samples.ndim == 3 else 1
    matrix = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
    of_color = [
        (50721, 10, 9, tuple(chain(*((round(one * 10_000), 10_000) for one in matrix))), True),
        (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),
        (50778, 3, 1, 21, True),
    ]
    file = BytesIO()
    tifffile.imwrite(
        file,
        samples,
        photometric=LINEAR_RAW if colors == 3 else COLOR_FILTER_ARRAY,
        metadata=None,
        extratags=[
            (50706, 1, 4, (1, 4, 0, 0), True),
            (50707, 1, 4, (1, 1, 0, 0), True),
            (50708, 2, None, "Safelight Test", True),
            *(of_color if colors == 3 else []),
        ],
    )
    # What writes it here takes linear raw for three colours always.
    tag = struct.Struct("<HHIH")
    return file.getvalue().replace(
        tag.pack(PHOTOMETRIC, SHORT, 1, COLOR_FILTER_ARRAY), tag.pack(PHOTOMETRIC, SHORT, 1, LINEAR_RAW)
    )


def linear() -> np.ndarray:
    return np.round(65_535 * to_linear(np.asarray(scene(), dtype=np.float64))).astype(np.uint16)


def test_linear_raw_comes_back_in_its_colours_whole() -> None:
    image = developed(linear_raw(linear()), method=DevelopmentMethod.HALF, brightness=1.0)
    assert image.size == (192, 128)
    assert worst_difference(image) <= 4


def test_a_sensor_without_colours_is_developed_in_grey() -> None:
    image = developed(linear_raw(linear()[:, :, 1]), brightness=1.0)
    assert [pixel[0] for pixel in patches_of(image.convert("RGB"))] == pytest.approx([one[1] for one in SCENE], abs=4)


@pytest.mark.parametrize("samples", [linear(), linear()[:, :, 1]], ids=["linear raw", "one colour"])
def test_raw_data_that_cannot_be_halved_and_needs_too_much_memory_is_rejected(
    monkeypatch: pytest.MonkeyPatch, samples: np.ndarray
) -> None:
    monkeypatch.setattr("imagekit.decoding.development.MAX_DECODING_BYTES", 14 * (192 * 128 - 1))
    with pytest.raises(ImageRejected) as rejection:
        developed(linear_raw(samples))
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
