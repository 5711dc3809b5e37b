"""What the operations on colours compute, against the same formula in numpy."""

from typing import Any

import numpy as np
import pytest
from skimage.color import rgb2gray, rgb2lab
from tests.unit.imagekit.operations.making import Pixels, flat, noise, result, smooth

from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.effects import (
    Clahe,
    Equalize,
    Gamma,
    Grayscale,
    Linear,
    Modulate,
    Negate,
    Normalize,
    Recomb,
    Threshold,
    Tint,
)
from safelight_contracts.delivery.operations import Operation

SOURCE = noise(40, 30)
LUMA = np.array([0.299, 0.587, 0.114])
MATRIX = (0.4, 0.4, 0.2, 0.1, 0.8, 0.1, 0.3, 0.3, 0.4)


def in_bytes(values: Any) -> Pixels:
    pixels: Pixels = np.clip(np.round(values), 0, 255).astype(np.uint8)
    return pixels


def lightness_of(pixels: Pixels) -> Any:
    return rgb2lab(pixels)[..., 0]


def assert_near(made: Pixels, expected: Any, *, within: float) -> None:
    assert made.shape == np.shape(expected)
    assert np.abs(made.astype(float) - expected).max() <= within


def test_a_gamma_brightens() -> None:
    assert_near(result(SOURCE, Gamma(value=2.2)), 255 * (SOURCE / 255) ** (1 / 2.2), within=1)


def test_a_negative_has_opposite_values() -> None:
    assert np.array_equal(result(SOURCE, Negate()), 255 - SOURCE)


@pytest.mark.parametrize(("alpha", "expected"), [(True, 155), (False, 100)])
def test_a_negative_inverts_transparency_if_asked(alpha: bool, expected: int) -> None:  # noqa: FBT001 - a parameter
    made = result(flat(4, 4, 10, 20, 30, 100), Negate(alpha=alpha))
    assert made[0, 0].tolist() == [245, 235, 225, expected]


def test_lightness_is_stretched_to_the_full_range() -> None:
    dark = in_bytes(smooth(60, 60) * 0.3 + 40)
    lightness = lightness_of(result(dark, Normalize(lower=0, upper=100)))
    assert lightness.min() < 2
    assert lightness.max() > 97


def test_percentiles_are_clipped() -> None:
    pixels = flat(100, 100, 100, 100, 100)
    pixels[:, 50:] = 150
    pixels[0, 0], pixels[0, 99] = 0, 255
    made = result(pixels, Normalize())
    assert made[50, 25].max() < 10
    assert made[50, 75].min() > 245


def test_a_picture_of_one_lightness_is_not_stretched() -> None:
    assert np.array_equal(result(flat(9, 9, 90, 90, 90), Normalize()), flat(9, 9, 90, 90, 90))


def test_equalizing_spreads_the_luma_evenly() -> None:
    dark = in_bytes(smooth(64, 64) * 0.25)
    luma = np.sort((result(dark, Equalize()) @ LUMA).ravel())
    even = np.linspace(0, 255, luma.size)
    assert np.abs(luma - even).mean() < 8


def test_equalizing_keeps_the_differences_of_channels() -> None:
    made = result(in_bytes(smooth(64, 64) * 0.25 + 90), Equalize())[20:40, 20:40].astype(int)
    before = in_bytes(smooth(64, 64) * 0.25 + 90)[20:40, 20:40].astype(int)
    assert np.abs((made[..., 0] - made[..., 1]) - (before[..., 0] - before[..., 1])).max() <= 1


def test_contrast_grows_in_every_tile() -> None:
    pixels = in_bytes(noise(64, 64) * 0.1 + 100)
    pixels[:, 32:] += 100
    made = result(pixels, Clahe(width=16, height=16))
    for part in (slice(0, 24), slice(40, 64)):
        assert made[:, part].std() > 1.5 * pixels[:, part].std()


def test_a_tile_may_be_larger_than_the_picture() -> None:
    assert result(SOURCE, Clahe(width=500, height=500)).shape == SOURCE.shape


def test_a_threshold_of_each_channel() -> None:
    made = result(SOURCE, Threshold(value=100, grayscale=False))
    assert np.array_equal(made, np.where(SOURCE >= 100, 255, 0))


def test_a_threshold_of_the_grey_value() -> None:
    pixels = smooth(40, 40)
    grey = in_bytes(result(pixels, Grayscale()))[..., 0]
    made = result(pixels, Threshold(value=120))
    assert np.array_equal(made[..., 0], np.where(grey >= 120, 255, 0))


def test_numbers_are_multiplied_and_added() -> None:
    made = result(SOURCE, Linear(factors=(1.5,), offsets=(-20.0,)))
    assert_near(made, in_bytes(SOURCE * 1.5 - 20), within=1)


def test_each_channel_can_have_its_own_numbers() -> None:
    made = result(SOURCE, Linear(factors=(1.0, 0.5, 2.0), offsets=(5.0, 0.0, -9.0)))
    assert_near(made, in_bytes(SOURCE * [1.0, 0.5, 2.0] + [5, 0, -9]), within=1)


def test_colors_are_multiplied_by_a_matrix() -> None:
    expected = SOURCE @ np.array(MATRIX).reshape(3, 3).T
    assert_near(result(SOURCE, Recomb(MATRIX)), expected, within=1)


def test_brightness_multiplies_lightness() -> None:
    pixels = flat(8, 8, 60, 60, 60)
    made = result(pixels, Modulate(brightness=1.5))
    assert lightness_of(made).mean() == pytest.approx(1.5 * lightness_of(pixels).mean(), abs=0.5)


def test_lightness_is_added() -> None:
    pixels = flat(8, 8, 60, 60, 60)
    made = result(pixels, Modulate(lightness=30))
    assert lightness_of(made).mean() == pytest.approx(30 + lightness_of(pixels).mean(), abs=0.5)


def test_no_saturation_is_grey() -> None:
    made = result(flat(8, 8, 180, 60, 60), Modulate(saturation=0))
    assert np.ptp(made[0, 0]) <= 1


def test_hue_turns_by_degrees() -> None:
    pixels = flat(8, 8, 140, 110, 110)
    before, after = (lch_of(one)[0, 0] for one in (pixels, result(pixels, Modulate(hue=90))))
    assert (after[2] - before[2]) % 360 == pytest.approx(90, abs=4)
    assert after[0] == pytest.approx(before[0], abs=1)


def lch_of(pixels: Pixels) -> Any:
    lab = rgb2lab(pixels)
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    return np.dstack([lab[..., 0], np.hypot(lab[..., 1], lab[..., 2]), hue])


def test_a_tint_keeps_lightness_and_takes_the_hue() -> None:
    pixels = flat(8, 8, 120, 120, 120)
    made = rgb2lab(result(pixels, Tint(color=Color(red=160, green=110, blue=90))))[0, 0]
    wanted = rgb2lab(flat(1, 1, 160, 110, 90))[0, 0]
    assert made[0] == pytest.approx(rgb2lab(pixels)[0, 0, 0], abs=1)
    assert made[1:] == pytest.approx(wanted[1:], abs=1.5)


def test_grey_has_the_luminance_of_the_color() -> None:
    made = result(SOURCE, Grayscale())
    linear = np.where(SOURCE / 255 <= 0.04045, SOURCE / 255 / 12.92, ((SOURCE / 255 + 0.055) / 1.055) ** 2.4)
    luminance = rgb2gray(linear)
    grey = np.where(luminance <= 0.0031308, luminance * 12.92, 1.055 * luminance ** (1 / 2.4) - 0.055)
    assert np.array_equal(made[..., 0], made[..., 1])
    assert_near(made[..., 0], 255 * grey, within=1.5)


@pytest.mark.parametrize(
    "operation",
    [
        Gamma(),
        Negate(alpha=False),
        Normalize(),
        Equalize(),
        Clahe(width=8, height=8),
        Threshold(),
        Linear(factors=(2.0,)),
        Recomb(MATRIX),
        Modulate(hue=20),
        Tint(color=Color(red=9, green=99, blue=9)),
        Grayscale(),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_transparency_stays(operation: Operation) -> None:
    pixels = noise(40, 30, channels=4)
    pixels[..., 3] = pixels[..., 3] // 2 + 20
    assert np.array_equal(result(pixels, operation)[..., 3], pixels[..., 3])
