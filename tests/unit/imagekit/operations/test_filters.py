"""What the filters compute, against scipy's."""

from typing import Any

import numpy as np
import pytest
from scipy import ndimage
from tests.unit.imagekit.operations.making import Pixels, flat, noise, result, smooth

from safelight_contracts.delivery.effects import Blur, Convolve, Median, Sharpen
from safelight_contracts.delivery.operations import Operation

SOURCE = noise(40, 30)
INNER = (slice(15, -15), slice(15, -15))
EDGES = (-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0)


def correlated(pixels: Pixels, kernel: Any) -> Any:
    return np.dstack([ndimage.correlate(pixels[..., band].astype(float), kernel, mode="nearest") for band in range(3)])


def in_bytes(values: Any) -> Any:
    return np.clip(values, 0, 255)


def test_a_mild_blur_averages_nine_pixels() -> None:
    made = result(SOURCE, Blur())
    assert np.abs(made - correlated(SOURCE, np.full((3, 3), 1 / 9))).max() <= 1


def test_a_blur_is_a_gaussian() -> None:
    pixels = noise(90, 90)
    made = result(pixels, Blur(sigma=3)).astype(float)
    expected = np.dstack([ndimage.gaussian_filter(pixels[..., band].astype(float), 3) for band in range(3)])
    # libvips' kernel ends at a fifth of its maximum.
    assert np.abs(made - expected)[INNER].mean() < 5
    assert np.corrcoef(made[INNER].ravel(), expected[INNER].ravel())[0, 1] > 0.93


def test_a_mild_sharpening_is_a_kernel() -> None:
    kernel = np.full((3, 3), -1 / 24)
    kernel[1, 1] = 32 / 24
    assert np.abs(result(SOURCE, Sharpen()) - in_bytes(correlated(SOURCE, kernel))).max() <= 1


def test_sharpening_makes_edges_steeper_and_leaves_flat_areas() -> None:
    pixels = flat(40, 20, 80, 80, 80)
    pixels[:, 20:] = 160
    made = result(pixels, Sharpen(sigma=1)).astype(int)
    assert made[10, 20, 0] - made[10, 19, 0] > 90
    assert made[10, 3].tolist() == pytest.approx([80, 80, 80], abs=1)


def test_a_median_removes_single_pixels() -> None:
    pixels = flat(20, 20, 50, 60, 70)
    pixels[::5, ::5] = 255
    assert np.array_equal(result(pixels, Median(size=3)), flat(20, 20, 50, 60, 70))


def test_a_median_of_an_odd_square_is_the_middle_value() -> None:
    expected = np.dstack([ndimage.median_filter(SOURCE[..., band], 5, mode="nearest") for band in range(3)])
    assert np.array_equal(result(SOURCE, Median(size=5))[3:-3, 3:-3], expected[3:-3, 3:-3])


def test_a_median_may_be_larger_than_the_picture() -> None:
    assert result(noise(4, 3), Median(size=15)).shape == (3, 4, 3)


def test_a_kernel_is_divided_by_its_sum() -> None:
    kernel = np.arange(15, dtype=float).reshape(3, 5)
    made = result(SOURCE, Convolve(width=5, height=3, kernel=tuple(kernel.ravel())))
    assert np.abs(made - correlated(SOURCE, kernel / kernel.sum())).max() <= 1


def test_a_kernel_whose_sum_is_zero_is_not_divided() -> None:
    made = result(SOURCE, Convolve(width=3, height=3, kernel=EDGES))
    assert np.abs(made - in_bytes(correlated(SOURCE, np.reshape(EDGES, (3, 3))))).max() <= 1


def test_scale_and_offset_follow() -> None:
    made = result(SOURCE, Convolve(width=3, height=3, kernel=EDGES, scale=8, offset=128))
    assert np.abs(made - in_bytes(correlated(SOURCE, np.reshape(EDGES, (3, 3))) / 8 + 128)).max() <= 1


@pytest.mark.parametrize("operation", [Blur(), Blur(sigma=2), Sharpen(), Median(size=5)], ids=str)
def test_a_transparent_pixel_does_not_color_its_neighbours(operation: Operation) -> None:
    pixels = flat(40, 40, 0, 0, 0, 0)
    pixels[:, 20:] = (200, 100, 50, 255)
    made = result(pixels, operation)
    visible = made[made[..., 3] >= 60]
    assert np.abs(visible[:, :3].astype(int) - [200, 100, 50]).max() <= 3


def test_a_blur_makes_a_transparent_edge_softer() -> None:
    pixels = flat(40, 40, 200, 100, 50, 0)
    pixels[:, 20:, 3] = 255
    alpha = result(pixels, Blur(sigma=2))[20, :, 3].astype(int)
    assert 100 < alpha[20] < 200
    assert (np.diff(alpha) >= 0).all()


def test_a_kernel_keeps_transparency() -> None:
    pixels = noise(40, 30, channels=4)
    pixels[..., 3] = pixels[..., 3] // 2 + 20
    assert np.array_equal(result(pixels, Convolve(width=3, height=3, kernel=EDGES))[..., 3], pixels[..., 3])


def test_a_smooth_picture_stays_under_a_blur() -> None:
    assert np.abs(result(smooth(60, 60), Blur(sigma=2)).astype(int) - smooth(60, 60))[INNER].max() <= 1
