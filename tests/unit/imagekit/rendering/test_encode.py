import sys

import pytest
from PIL import Image
from skimage import data
from tests.unit.child_python import run_python
from tests.unit.pictures import decoded

from imagekit.rendering.encode import encode
from safelight_contracts.image_types import ImageType


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    return Image.fromarray(data.coffee())  # type: ignore[no-untyped-call]


def test_a_jpeg_is_progressive_with_subsampled_color(photograph: Image.Image) -> None:
    file = decoded(encode(photograph, image_type=ImageType.JPEG))
    assert file.info["progressive"]
    assert [layer[1:3] for layer in file.layer] == [(2, 2), (1, 1), (1, 1)]  # type: ignore[attr-defined]


def test_a_jpeg_too_large_for_several_passes_is_written_in_one() -> None:
    file = encode(Image.new("RGB", (25_001, 1000)), image_type=ImageType.JPEG)
    assert b"\xff\xc2" not in file[:700]
    assert b"\xff\xc0" in file[:700]


@pytest.mark.parametrize("image_type", [ImageType.JPEG, ImageType.WEBP, ImageType.AVIF])
def test_a_higher_quality_takes_more_bytes(photograph: Image.Image, image_type: ImageType) -> None:
    sizes = [len(encode(photograph, image_type=image_type, quality=quality)) for quality in (30, 60, 90)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(("image_type", "quality"), [(ImageType.JPEG, 80), (ImageType.WEBP, 80), (ImageType.AVIF, 60)])
def test_the_default_quality_depends_on_the_format(
    photograph: Image.Image, image_type: ImageType, quality: int
) -> None:
    assert encode(photograph, image_type=image_type) == encode(photograph, image_type=image_type, quality=quality)


@pytest.mark.parametrize("image_type", [ImageType.JPEG, ImageType.WEBP, ImageType.AVIF])
@pytest.mark.parametrize("quality", [1, 100])
@pytest.mark.parametrize("side", [1, 8, 700])
def test_noise_of_any_size_can_be_written_at_the_lowest_and_highest_quality(
    image_type: ImageType, quality: int, side: int
) -> None:
    noise = Image.merge("RGB", [Image.effect_noise((side, side), 120) for _ in range(3)])
    assert decoded(encode(noise, image_type=image_type, quality=quality)).size == (side, side)


def test_a_png_is_lossless(photograph: Image.Image) -> None:
    assert decoded(encode(photograph, image_type=ImageType.PNG)).tobytes() == photograph.tobytes()


def test_a_jpeg_is_flattened_on_the_given_color() -> None:
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    red, green, blue = decoded(encode(clear, image_type=ImageType.JPEG, background="#204060")).getpixel((20, 20))  # type: ignore[misc]
    assert abs(red - 0x20) <= 3
    assert abs(green - 0x40) <= 3
    assert abs(blue - 0x60) <= 3


def test_an_image_is_left_unchanged(photograph: Image.Image) -> None:
    picture = photograph.convert("RGBA")
    picture.info["comment"] = "kept"
    encode(picture, image_type=ImageType.WEBP)
    assert picture.info == {"comment": "kept"}


# Both need 60 bytes a pixel for this picture.
ENCODE_WITH_40_BYTES_A_PIXEL = """
import resource
import numpy as np
from PIL import Image
from imagekit.rendering.encode import encode
from safelight_contracts.image_types import ImageType

Image.new("RGB", (64, 64)).save("/dev/null", "{type}")
picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (1200, 1200, 4), np.uint8))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
most = used + 1200 * 1200 * 40
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    encode(picture, image_type=ImageType("{type}"), quality=95, effort=3)
except MemoryError:
    print("no memory")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit address space")
@pytest.mark.parametrize("image_type", [ImageType.WEBP, ImageType.AVIF])
def test_an_encoder_without_memory_says_so(image_type: ImageType) -> None:
    assert run_python(ENCODE_WITH_40_BYTES_A_PIXEL.format(type=image_type.value)) == "no memory"
