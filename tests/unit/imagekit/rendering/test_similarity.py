"""The similarity of renditions and analysis images to the upload."""

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from tests.unit.pictures import decoded, encoded

from imagekit.decoding.limits import inspect
from imagekit.rendering.analysis import prepare_analysis_image
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

PHOTOGRAPHS = {"astronaut": data.astronaut, "camera": data.camera, "coffee": data.coffee, "brick": data.brick}


def photograph(name: str) -> Image.Image:
    return Image.fromarray(PHOTOGRAPHS[name]()).convert("RGB")  # type: ignore[no-untyped-call]


def similarity(one: Image.Image, other: Image.Image) -> float:
    """Structural similarity of the lightness of two pictures; 1 is the same."""
    found = structural_similarity(np.asarray(one.convert("L")), np.asarray(other.convert("L")))  # type: ignore[no-untyped-call]
    return float(found)


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_a_check_sees_nearly_what_the_photograph_shows(name: str) -> None:
    # JPEG of quality 90 reaches 0.977 and 0.983 here, of quality 75 0.949 and 0.970, of quality 60 0.929 and 0.961.
    photo = photograph(name)
    file = encoded(photo, "PNG")
    seen = decoded(prepare_analysis_image(file, header=inspect(file, limits=Limits())).data)
    assert seen.size == photo.size
    assert similarity(seen, photo) > 0.972


@pytest.mark.parametrize("name", sorted(PHOTOGRAPHS))
@pytest.mark.parametrize("divisor", [2.0, 2.9, 4.0, 7.0])
def test_a_rendition_is_indistinguishable_from_a_lanczos_of_the_whole_photograph(name: str, divisor: float) -> None:
    # 50 dB is an error of less than one level of 255. A photograph that is first averaged to the rendition's own size
    # reaches 47 dB at most here.
    photo = photograph(name)
    file = encoded(photo, "PNG")
    wanted = Rendition(name="any", width=int(photo.width / divisor), height=None, fit=Fit.INSIDE, type=ImageType.PNG)
    (image,) = render(file, header=inspect(file, limits=Limits()), renditions=[wanted])
    made = np.asarray(decoded(image.data).convert("RGB"))
    whole = np.asarray(photo.resize((image.width, image.height), Image.Resampling.LANCZOS))
    assert np.array_equal(made, whole) or peak_signal_noise_ratio(whole, made) > 50  # type: ignore[no-untyped-call]
