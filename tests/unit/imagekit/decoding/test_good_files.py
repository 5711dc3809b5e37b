"""Good files that decoders often get wrong: other depths, other numbers, and files with harmless faults."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin
from tests.unit.imagekit.decoding.test_missing_pixels import NOISE, SCAN, chunk, rendered
from tests.unit.imagekit.formats.test_sensor_data import is_unreadable
from tests.unit.pictures import decoded, encoded

from imagekit.decoding.decode import decode, inspect
from safelight_contracts.limits import Limits

END = b"\xff\xd9"


def picture_of(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(decode(data, header=inspect(data, limits=Limits())).upright_picture())


def grey_png(samples: NDArray[np.uint16], *chunks: bytes) -> bytes:
    height, width = samples.shape
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(samples: NDArray[np.generic], **options: object) -> bytes:
    file = BytesIO()
    tifffile.imwrite(file, samples, **options)  # type: ignore[arg-type]
    return file.getvalue()


def ramp(*, most: int, levels: int = 64) -> NDArray[np.uint16]:
    return np.repeat(np.linspace(0, most, levels).astype(np.uint16)[None, :], 8, axis=0)


def test_a_dark_ramp_of_16_bits_in_linear_light_keeps_its_levels() -> None:
    linear = chunk(b"gAMA", struct.pack(">I", 100_000))
    assert len(np.unique(picture_of(grey_png(ramp(most=8192), linear)))) >= 60


def test_grey_of_16_bits_with_a_transparent_color_is_a_ramp() -> None:
    transparent = chunk(b"tRNS", struct.pack(">H", 12_345))
    pixels = picture_of(grey_png(ramp(most=65_535), transparent))
    assert pixels[0, [0, 16, 32, 48], 0] == pytest.approx([0, 65, 130, 195], abs=2)
    assert pixels[..., -1].min() == 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_whose_white_is_zero_is_shown_as_a_positive(dtype: type[np.uint8] | type[np.uint16]) -> None:
    dark = np.full((32, 32), np.iinfo(dtype).max // 5, dtype)
    assert picture_of(tiff(dark, photometric="miniswhite"))[9, 9] == pytest.approx(204, abs=1)


def test_a_black_and_white_tiff_whose_white_is_zero_is_shown_as_a_positive() -> None:
    page = np.zeros((32, 32), bool)
    page[:, 16:] = True
    pixels = picture_of(tiff(page, photometric="miniswhite"))
    assert (pixels[9, 4], pixels[9, 28]) == (255, 0)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_tiff_of_floating_point_numbers_is_shown_despite_one_that_is_none(broken: float) -> None:
    samples = np.repeat(np.linspace(-3, 5, 64, dtype=np.float32)[None, :], 16, axis=0)
    samples[0, 0] = broken
    pixels = picture_of(tiff(samples))
    assert pixels[8, [0, 32, 63]] == pytest.approx([0, 130, 255], abs=2)


def test_a_big_tiff_is_published() -> None:
    assert rendered(tiff(np.asarray(NOISE), bigtiff=True, photometric="rgb")).size == NOISE.size


def test_a_png_with_a_large_profile_is_published() -> None:
    assert rendered(encoded(NOISE, "PNG", icc_profile=bytes(5_000_000))).size == NOISE.size


def test_a_png_with_large_texts_is_published() -> None:
    texts = PngImagePlugin.PngInfo()
    for number in range(3):
        texts.add_text(f"text {number}", "x" * 2_000_000, zip=True)
    assert rendered(encoded(NOISE, "PNG", pnginfo=texts)).size == NOISE.size


WHOLE: dict[str, Callable[[], bytes]] = {
    "baseline": lambda: encoded(NOISE, "JPEG", quality=90),
    "progressive": lambda: encoded(NOISE, "JPEG", quality=90, progressive=True),
    "with restart markers": lambda: encoded(NOISE, "JPEG", quality=90, restart_marker_blocks=8),
}


def with_stray_bytes(data: bytes) -> bytes:
    table = data.index(b"\xff\xdb")
    return data[:table] + b"stray\0\0\0" + data[table:]


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize(
    "damage",
    [with_stray_bytes, lambda data: data.removesuffix(END), lambda data: with_stray_bytes(data).removesuffix(END)],
    ids=["stray bytes", "no end marker", "both"],
)
def test_a_jpeg_with_all_of_its_pixels_is_published(kind: str, damage: Callable[[bytes], bytes]) -> None:
    whole = WHOLE[kind]()
    assert np.array_equal(np.asarray(rendered(damage(whole))), np.asarray(decoded(whole)))


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.98])
@pytest.mark.parametrize("end", [b"", END, b"\xff\xd8 another picture"], ids=["cut", "end marker", "another picture"])
def test_a_jpeg_without_all_of_its_pixels_is_unreadable(kind: str, part: float, end: bytes) -> None:
    whole = WHOLE[kind]()
    start = whole.index(SCAN)
    cut = whole[: start + int((len(whole) - start) * part)]
    assert is_unreadable(lambda: rendered(cut + end))


def test_harmless_bytes_between_segments_do_not_hide_that_pixels_are_missing() -> None:
    whole = with_stray_bytes(WHOLE["baseline"]())
    assert is_unreadable(lambda: rendered(whole[: len(whole) // 2] + END))


def test_wrong_parameters_of_a_scan_do_not_hide_that_pixels_are_missing() -> None:
    whole = WHOLE["baseline"]()
    wrong = whole.replace(b"\x03\x11\x00\x3f\x00", b"\x03\x11\x00\x00\x00")
    assert wrong != whole
    assert rendered(wrong).size == NOISE.size
    assert is_unreadable(lambda: rendered(wrong[: len(wrong) // 2] + END))


def test_a_jpeg_in_which_an_interval_between_restart_markers_is_missing_is_unreadable() -> None:
    whole = WHOLE["with restart markers"]()
    first, third = whole.index(b"\xff\xd0"), whole.index(b"\xff\xd2")
    assert is_unreadable(lambda: rendered(whole[:first] + whole[third:]))


def test_grey_with_alpha_of_16_bits_keeps_both() -> None:
    samples = np.full((32, 32, 2), 257 * 100, np.uint16)
    samples[..., 1] = 257 * 128
    pixels = picture_of(tiff(samples, photometric="minisblack", extrasamples=["unassalpha"]))
    assert pixels[9, 9] == pytest.approx([100, 128], abs=1)


def test_a_tiff_of_luma_and_chroma_has_its_colors() -> None:
    red = Image.new("RGB", (32, 32), (200, 60, 60))
    pixels = picture_of(encoded(red.convert("YCbCr"), "TIFF"))
    assert pixels[9, 9] == pytest.approx([200, 60, 60], abs=2)
