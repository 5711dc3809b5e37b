import numpy as np
import pytest
from PIL import Image, ImageDraw
from skimage import data
from tests.unit.pictures import decoded

from imagekit.rendering.encode import encode
from imagekit.rendering.quality import encode_to_target
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import ChromaSubsampling, Ssim

SUBSAMPLED = [ImageType.JPEG, ImageType.AVIF]
# What a file stores of it: how many times finer luma is than chroma, across and down.
STORED = {
    ChromaSubsampling.YUV_420: (2, 2),
    ChromaSubsampling.YUV_422: (2, 1),
    ChromaSubsampling.YUV_444: (1, 1),
}


def stored(file: bytes) -> ChromaSubsampling:
    """Read the chroma subsampling of a JPEG or an AVIF."""
    if file.startswith(b"\xff\xd8"):
        factors: tuple[int, int] = decoded(file).layer[0][1:3]  # type: ignore[attr-defined]
    else:
        # The box av1C: two bytes, then the bits tier, high depth, twelve bits, monochrome, across, down, position.
        flags = file[file.index(b"av1C") + 4 + 2]
        factors = 1 + (flags >> 3 & 1), 1 + (flags >> 2 & 1)
    return next(subsampling for subsampling, known in STORED.items() if known == factors)


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    return Image.fromarray(data.coffee()).resize((300, 200), Image.Resampling.LANCZOS)  # type: ignore[no-untyped-call]


def red_text() -> Image.Image:
    picture = Image.new("RGB", (320, 120), "white")
    for line in range(4):
        ImageDraw.Draw(picture).text((10, 5 + 28 * line), "Red text on white paper", fill="red", font_size=14 + line)
    return picture


def difference(file: bytes, picture: Image.Image) -> float:
    """Return the mean square difference of the colours."""
    shown = np.asarray(decoded(file).convert("RGB"), dtype=float)
    return float(np.mean((shown - np.asarray(picture, dtype=float)) ** 2))


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 2, (height, width, 3)) * 255
    return Image.fromarray(values.astype(np.uint8))


@pytest.mark.parametrize("image_type", SUBSAMPLED)
@pytest.mark.parametrize("subsampling", ChromaSubsampling)
def test_the_file_has_the_subsampling_that_was_asked_for(
    photograph: Image.Image, image_type: ImageType, subsampling: ChromaSubsampling
) -> None:
    for quality in (None, 50, 95):
        file = encode(photograph, image_type=image_type, quality=quality, chroma_subsampling=subsampling)
        assert stored(file) is subsampling


@pytest.mark.parametrize("image_type", SUBSAMPLED)
@pytest.mark.parametrize(
    ("quality", "subsampling"),
    [
        (None, ChromaSubsampling.YUV_420),
        (1, ChromaSubsampling.YUV_420),
        (89, ChromaSubsampling.YUV_420),
        (90, ChromaSubsampling.YUV_444),
        (100, ChromaSubsampling.YUV_444),
    ],
)
def test_by_default_each_pixel_has_its_own_color_from_quality_90_on(
    photograph: Image.Image, image_type: ImageType, quality: int | None, subsampling: ChromaSubsampling
) -> None:
    assert stored(encode(photograph, image_type=image_type, quality=quality)) is subsampling


@pytest.mark.parametrize("image_type", SUBSAMPLED)
def test_red_text_of_a_high_quality_is_sharp(image_type: ImageType) -> None:
    text = red_text()
    default = encode(text, image_type=image_type, quality=95)
    blurred = encode(text, image_type=image_type, quality=95, chroma_subsampling=ChromaSubsampling.YUV_420)
    assert difference(default, text) < difference(blurred, text) / 10


@pytest.mark.parametrize("image_type", SUBSAMPLED)
@pytest.mark.parametrize("picture", ["coffee", "astronaut"])
def test_at_quality_95_the_default_is_nearer_to_a_photograph_than_a_larger_subsampled_file(
    image_type: ImageType, picture: str
) -> None:
    photograph = Image.fromarray(getattr(data, picture)())
    default = encode(photograph, image_type=image_type, quality=95)
    subsampled = [
        encode(photograph, image_type=image_type, quality=quality, chroma_subsampling=ChromaSubsampling.YUV_420)
        for quality in range(96, 101)
    ]
    # The first one that is larger, if any is.
    larger = next((file for file in subsampled if len(file) >= len(default)), subsampled[-1])
    assert difference(default, photograph) < difference(larger, photograph)


@pytest.mark.parametrize("image_type", SUBSAMPLED)
def test_a_target_uses_the_default_of_each_quality_that_it_tries(
    photograph: Image.Image, image_type: ImageType
) -> None:
    low, high = (
        encode_to_target(photograph, image_type=image_type, target=Ssim(value), background="#ffffff")
        for value in (0.9, 0.99999)
    )
    assert stored(low) is ChromaSubsampling.YUV_420
    assert stored(high) is ChromaSubsampling.YUV_444


@pytest.mark.parametrize("image_type", SUBSAMPLED)
@pytest.mark.parametrize("subsampling", ChromaSubsampling)
@pytest.mark.parametrize("value", [0.9, 0.99999])
def test_a_target_uses_the_subsampling_that_was_asked_for(
    photograph: Image.Image, image_type: ImageType, subsampling: ChromaSubsampling, value: float
) -> None:
    file = encode_to_target(
        photograph,
        image_type=image_type,
        target=Ssim(value),
        background="#ffffff",
        chroma_subsampling=subsampling,
    )
    assert stored(file) is subsampling


@pytest.mark.parametrize("subsampling", ChromaSubsampling)
@pytest.mark.parametrize("quality", [80, 88, 90, 92, 94, 95, 98, 100])
def test_noise_fits_into_the_buffer_of_the_encoder(subsampling: ChromaSubsampling, quality: int) -> None:
    file = encode(noise(300, 300), image_type=ImageType.JPEG, quality=quality, chroma_subsampling=subsampling)
    assert decoded(file).size == (300, 300)


@pytest.mark.parametrize("subsampling", ChromaSubsampling)
@pytest.mark.parametrize("size", [(1, 65_500), (65_500, 1), (9, 30_000), (17, 10_000)])
def test_a_narrow_picture_fits_into_the_buffer_of_the_encoder(
    subsampling: ChromaSubsampling, size: tuple[int, int]
) -> None:
    file = encode(noise(*size), image_type=ImageType.JPEG, quality=100, chroma_subsampling=subsampling)
    assert decoded(file).size == size


@pytest.mark.parametrize(
    ("subsampling", "width"),
    [(ChromaSubsampling.YUV_420, 25_000), (ChromaSubsampling.YUV_422, 18_750), (ChromaSubsampling.YUV_444, 12_500)],
)
def test_a_jpeg_with_more_color_is_written_in_one_pass_from_fewer_pixels_on(
    subsampling: ChromaSubsampling, width: int
) -> None:
    in_passes, in_one = (
        encode(Image.new("RGB", (side, 1000)), image_type=ImageType.JPEG, chroma_subsampling=subsampling)
        for side in (width, width + 1)
    )
    assert b"\xff\xc2" in in_passes[:700]
    assert b"\xff\xc0" in in_one[:700]
