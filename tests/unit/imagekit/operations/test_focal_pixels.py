"""A cover keeps a point that is given in pixels of the picture before the resize."""

import numpy as np
import pytest
from tests.unit.imagekit.operations.making import positions, result

from safelight_contracts.delivery.shaping import FocalPixel, FocalPoint, Resize

SOURCE = positions(60, 40)


@pytest.mark.parametrize(
    ("pixel", "point"),
    [((15, 20), (0.25, 0.5)), ((0, 0), (0, 0)), ((60, 40), (1, 1)), ((-9, 900), (0, 1))],
)
def test_pixels_are_parts_of_the_sides(pixel: tuple[int, int], point: tuple[float, float]) -> None:
    by_pixel = Resize(width=20, height=40, keep=FocalPixel(x=pixel[0], y=pixel[1]))
    by_point = Resize(width=20, height=40, keep=FocalPoint(x=point[0], y=point[1]))
    assert np.array_equal(result(SOURCE, by_pixel), result(SOURCE, by_point))
