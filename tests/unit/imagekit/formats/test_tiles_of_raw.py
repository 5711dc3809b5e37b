"""Tiles of camera raw files that stand whole in the file, and of whose own data a part is missing."""

import os
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image
from tests.unit import lossless_jpeg
from tests.unit.imagekit.formats.test_sensor_data import PICTURE, is_unreadable, rendered
from tests.unit.pictures import CORNERS, corners_of, encoded
from tests.unit.raw_pictures import Tag, float_tiles, lossy_tiles, tiled, tiled_dng

from imagekit.formats.lossless_jpeg import count_samples
from imagekit.formats.sensor_data import validate_sensor_data
from safelight_contracts.development import DevelopmentMethod

FLOAT_TAGS, FLOATS = float_tiles(PICTURE)
DEFLATED = [zlib.compress(tile) for tile in FLOATS]
LOSSY_TAGS, LOSSY = lossy_tiles(PICTURE)
ONE = 5
NOISE = np.random.default_rng(1).integers(0, 65536, (64, 64), dtype=np.uint16)


def file_of(tiles: Sequence[bytes], *, tags: Sequence[Tag]) -> bytes:
    return tiled(tiles, *tags, side=64).data


def with_one(tiles: Sequence[bytes], tile: bytes) -> list[bytes]:
    return [tile if number == ONE else one for number, one in enumerate(tiles)]


def cut(jpeg: bytes) -> bytes:
    """Leave out two thirds of a JPEG's scan, but not its end marker."""
    scan = jpeg.index(b"\xff\xda") + 14
    return jpeg[: scan + (len(jpeg) - scan) // 3] + b"\xff\xd9"


@pytest.mark.parametrize(
    "data", [file_of(DEFLATED, tags=FLOAT_TAGS), file_of(LOSSY, tags=LOSSY_TAGS)], ids=["deflated", "lossy"]
)
@pytest.mark.parametrize("method", DevelopmentMethod)
def test_a_file_with_complete_tiles_is_published(data: bytes, method: DevelopmentMethod) -> None:
    assert corners_of(rendered(data, method=method)) == {corner: corner for corner in CORNERS}


@pytest.mark.parametrize("content", [b"", FLOATS[ONE][:1000], FLOATS[ONE][:-1]], ids=["empty", "short", "a byte less"])
def test_a_tile_that_inflates_to_less_than_its_pixels_is_unreadable(content: bytes) -> None:
    assert is_unreadable(lambda: rendered(file_of(with_one(DEFLATED, zlib.compress(content)), tags=FLOAT_TAGS)))


def test_empty_deflated_tiles_are_unreadable() -> None:
    assert is_unreadable(lambda: rendered(file_of([zlib.compress(b"") for _ in FLOATS], tags=FLOAT_TAGS)))


@pytest.mark.parametrize("tile", [b"", bytes(99), DEFLATED[ONE][:-200]], ids=["nothing", "zeros", "cut"])
def test_a_tile_that_cannot_be_inflated_is_unreadable(tile: bytes) -> None:
    assert is_unreadable(lambda: rendered(file_of(with_one(DEFLATED, tile), tags=FLOAT_TAGS)))


def test_a_deflated_tile_is_inflated_only_up_to_its_pixels() -> None:
    bomb = zlib.compress(FLOATS[ONE] + bytes(50_000_000))
    validate_sensor_data(file_of(with_one(DEFLATED, bomb), tags=FLOAT_TAGS))


@pytest.mark.parametrize("method", DevelopmentMethod)
@pytest.mark.parametrize("cut_tiles", [[ONE], range(len(LOSSY))], ids=["one tile", "all tiles"])
def test_lossy_tiles_whose_data_ends_early_are_unreadable(cut_tiles: Sequence[int], method: DevelopmentMethod) -> None:
    tiles = [cut(tile) if number in cut_tiles else tile for number, tile in enumerate(LOSSY)]
    assert is_unreadable(lambda: rendered(file_of(tiles, tags=LOSSY_TAGS), method=method))


@pytest.mark.parametrize("size", [(16, 16), (64, 56), (56, 64)])
def test_too_small_a_lossy_tile_is_unreadable(size: tuple[int, int]) -> None:
    small = encoded(Image.new("RGB", size), "JPEG")
    assert is_unreadable(lambda: rendered(file_of(with_one(LOSSY, small), tags=LOSSY_TAGS)))


def test_output_is_no_longer_captured_after_unpacking(
    capfd: pytest.CaptureFixture[str],
) -> None:
    rendered(file_of(LOSSY, tags=LOSSY_TAGS))
    os.write(2, b"still heard")
    assert capfd.readouterr().err == "still heard"


def zeroed_from_the_middle(jpeg: bytes) -> bytes:
    scan = jpeg.index(b"\xff\xda") + 12
    middle = scan + (len(jpeg) - scan) // 2
    return jpeg[:middle] + bytes(len(jpeg) - middle)


@pytest.mark.parametrize("zeroed", [[ONE], range(len(LOSSY))], ids=["one tile", "all tiles"])
def test_lossless_jpeg_with_a_zeroed_second_half_is_unreadable(zeroed: Sequence[int]) -> None:
    noisy = tiled_dng(Image.effect_noise(PICTURE.size, 50).convert("RGB"))
    ends = [*noisy.tiles[1:], len(noisy.data)]
    tiles = [noisy.data[start:end] for start, end in zip(noisy.tiles, ends, strict=True)]
    lost = [zeroed_from_the_middle(tile) if number in zeroed else tile for number, tile in enumerate(tiles)]
    assert is_unreadable(lambda: rendered(noisy.data[: noisy.tiles[0]] + b"".join(lost)))


def test_lossless_jpeg_with_fewer_bits_than_its_shortest_codes_take_is_unreadable() -> None:
    flat = lossless_jpeg.encoded(np.zeros((64, 64), dtype=np.uint16))
    short = flat[:-4] + flat[-2:]
    assert is_unreadable(lambda: count_samples(short, start=0, end=len(short)))


@pytest.mark.parametrize(
    "samples",
    [
        NOISE,
        np.zeros((64, 64), dtype=np.uint16),
        np.full((64, 64), 65535, dtype=np.uint16),
        np.vstack([NOISE[:32], np.zeros((32, 64), dtype=np.uint16)]),
    ],
    ids=["noise", "black", "white", "half black"],
)
def test_complete_lossless_jpeg_of_any_content_is_valid(samples: np.typing.NDArray[np.uint16]) -> None:
    data = lossless_jpeg.encoded(samples)
    assert count_samples(data, start=0, end=len(data)) == samples.size
    padded = data + bytes(10_000)
    assert count_samples(padded, start=0, end=len(padded)) == samples.size
