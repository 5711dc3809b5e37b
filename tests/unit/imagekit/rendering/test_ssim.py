import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data
from skimage.metrics import structural_similarity
from tests.unit.pictures import decoded, encoded

import imagekit
from imagekit.rendering.ssim import ssim

_WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
from PIL import Image
import imagekit.rendering.animation
from imagekit.rendering.quality import encode_to_target
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import Ssim
picture = Image.linear_gradient("L").convert("RGB")
target = Ssim(0.95, tolerance=0.01)
print(len(encode_to_target(picture, image_type=ImageType.WEBP, target=target, background="#ffffff")))
"""


@pytest.fixture(params=["astronaut", "coffee", "chelsea"])
def photograph(request: pytest.FixtureRequest) -> Image.Image:
    return Image.fromarray(getattr(data, request.param)())


@pytest.mark.parametrize("quality", [30, 60, 80, 95])
def test_it_is_within_a_hundredth_of_scikit_image_s(photograph: Image.Image, quality: int) -> None:
    grey = photograph.convert("L")
    other = decoded(encoded(photograph, "JPEG", quality=quality)).convert("L")
    theirs = structural_similarity(np.asarray(grey), np.asarray(other))  # type: ignore[no-untyped-call]
    assert ssim(grey, other) == pytest.approx(theirs, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 600))
def test_an_image_of_any_size_is_equal_to_itself(width: int, height: int) -> None:
    noise = Image.effect_noise((width, height), 60)
    assert ssim(noise, noise) == pytest.approx(1, abs=1e-4)


def test_different_noise_is_not_similar() -> None:
    one, other = (Image.effect_noise((300, 300), 60) for _ in range(2))
    assert abs(ssim(one, other)) < 0.1


def test_it_is_symmetric(photograph: Image.Image) -> None:
    grey = photograph.convert("L")
    other = grey.point(lambda value: value * 0.8)
    assert ssim(grey, other) == pytest.approx(ssim(other, grey), abs=1e-6)


def test_differences_in_the_last_rows_of_a_tall_image_count() -> None:
    one = Image.effect_noise((64, 1030), 60)
    other = one.copy()
    other.paste(0, (0, 1024, 64, 1030))
    assert ssim(one, other) < 0.9999


def test_it_needs_no_numpy() -> None:
    lambdas = Path(str(imagekit.__file__)).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_NUMPY], cwd=lambdas, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 0
