"""The side that a request names is exact, whatever the other side rounds to."""

import pytest

from imagekit.geometry import Size
from imagekit.operations.geometry import frame
from safelight_contracts.delivery.shaping import MIDDLE, Resize, ResizeFit

PICTURE = Size(width=300, height=200)


@pytest.mark.parametrize("fit", ResizeFit)
@pytest.mark.parametrize("enlarge", [True, False])
def test_a_width_without_a_height_is_exact(fit: ResizeFit, *, enlarge: bool) -> None:
    for width in range(1, PICTURE.width + 1):
        resize = Resize(width=width, fit=fit, enlarge=enlarge)
        assert frame(resize, picture=PICTURE, keep=MIDDLE).canvas.width == width


@pytest.mark.parametrize("fit", ResizeFit)
@pytest.mark.parametrize("enlarge", [True, False])
def test_a_height_without_a_width_is_exact(fit: ResizeFit, *, enlarge: bool) -> None:
    for height in range(1, PICTURE.height + 1):
        resize = Resize(height=height, fit=fit, enlarge=enlarge)
        assert frame(resize, picture=PICTURE, keep=MIDDLE).canvas.height == height
