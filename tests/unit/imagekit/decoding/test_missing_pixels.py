"""Images of which a part is missing, though their files end as whole ones do."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.unit.imagekit.formats.test_sensor_data import is_unreadable
from tests.unit.pictures import decoded, encoded

from imagekit.decoding.limits import inspect
from imagekit.formats.jpeg2000 import validate_tiles
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

WIDTH, HEIGHT = 250, 170
SPOTS = np.random.default_rng(1).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
NOISE = Image.fromarray(SPOTS).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
WHOLE = Rendition(name="whole", width=WIDTH, height=None, fit=Fit.INSIDE, type=ImageType.PNG)
END_OF_JPEG = b"\xff\xd9"
SCAN = b"\xff\xda"


def rendered(data: bytes) -> Image.Image:
    (image,) = render(data, header=inspect(data, limits=Limits()), renditions=[WHOLE])
    return decoded(image.data)


def test_an_icon_with_a_megabyte_of_metadata_is_published() -> None:
    icon = encoded(NOISE.resize((40, 40)), "JPEG")
    comments = b"".join(struct.pack(">2sH", b"\xff\xfe", 65_000) + bytes(64_998) for _ in range(30))
    assert rendered(icon[:2] + comments + icon[2:]).size == (40, 40)


@pytest.mark.parametrize("trailing", [b"\0" * 100, b"something else" * 100_000], ids=["padding", "another file"])
def test_data_after_a_jpeg_is_accepted(trailing: bytes) -> None:
    assert rendered(encoded(NOISE, "JPEG") + trailing).size == NOISE.size


def test_extra_bytes_before_the_end_of_a_jpeg_are_accepted() -> None:
    data = encoded(NOISE, "JPEG")
    assert rendered(data.removesuffix(END_OF_JPEG) + b"\x12\x34\x56" + END_OF_JPEG).size == NOISE.size


@pytest.mark.parametrize("scans", range(1, 10))
@pytest.mark.parametrize("end", [b"", END_OF_JPEG], ids=["cut", "end marker"])
def test_a_progressive_jpeg_without_one_of_its_scans_is_unreadable(scans: int, end: bytes) -> None:
    whole = encoded(NOISE, "JPEG", progressive=True)
    starts = [at for at in range(len(whole)) if whole[at : at + 2] == SCAN]
    assert len(starts) == 10
    # All scans but the seventh have a table in front of them.
    shortened = whole[: whole.rindex(b"\xff\xc4", 0, starts[scans]) if scans != 6 else starts[6]]
    assert is_unreadable(lambda: rendered(shortened + end))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(rows: bytes, *, width: int, height: int, bits: int = 8, color: int = 2, interlaced: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def rows_of(image: Image.Image) -> bytes:
    return b"".join(b"\0" + row.tobytes() for row in np.asarray(image))


@pytest.mark.parametrize(("mode", "color"), [("RGB", 2), ("RGBA", 6), ("L", 0), ("LA", 4)])
@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_png_whose_rows_end_early_is_unreadable(mode: str, color: int, part: float) -> None:
    rows = rows_of(NOISE.convert("RGB").convert(mode))
    assert rendered(png(rows, width=WIDTH, height=HEIGHT, color=color)).size == NOISE.size
    short = rows[: int(len(rows) * part)]
    assert is_unreadable(lambda: rendered(png(short, width=WIDTH, height=HEIGHT, color=color)))


def test_a_png_without_image_data_is_unreadable() -> None:
    data = encoded(NOISE, "PNG")
    start = data.index(b"IDAT") - 4
    assert is_unreadable(lambda: rendered(data[:start] + chunk(b"IEND", b"")))


SIZES = st.integers(min_value=1, max_value=40)


@given(width=SIZES, height=SIZES, layout=st.sampled_from([(1, 0), (2, 0), (4, 0), (8, 0), (8, 2), (8, 6), (16, 2)]))
def test_an_interlaced_png_has_the_rows_of_its_seven_passes_and_no_byte_less(
    width: int, height: int, layout: tuple[int, int]
) -> None:
    bits, color = layout
    of_pixel = bits * {0: 1, 2: 3, 6: 4}[color]
    # By pixel, the pass that shows it (PNG specification, 8.2).
    passes = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"]
    rows: dict[tuple[str, int], int] = {}
    for y in range(height):
        for x in range(width):
            row = passes[y % 8][x % 8], y
            rows[row] = rows.get(row, 0) + 1
    length = sum(1 + -(-pixels * of_pixel // 8) for pixels in rows.values())
    whole = png(bytes(length), width=width, height=height, bits=bits, color=color, interlaced=1)
    assert rendered(whole).size == (width, height)
    short = png(bytes(length - 1), width=width, height=height, bits=bits, color=color, interlaced=1)
    assert is_unreadable(lambda: rendered(short))


def tile_parts(data: bytes) -> Sequence[tuple[int, int]]:
    """List where in a JPEG 2000 each tile's only part begins and ends."""
    start, parts = data.index(b"\xff\x90\x00\x0a"), []
    while data[start : start + 4] == b"\xff\x90\x00\x0a":
        (length,) = struct.unpack_from(">I", data, start + 6)
        parts.append((start, start + length))
        start += length
    return parts


@pytest.mark.parametrize("tile_size", [None, (64, 64), (100, 70)], ids=str)
def test_a_complete_jpeg_2000_is_published(tile_size: tuple[int, int] | None) -> None:
    data = encoded(NOISE, "JPEG2000", tile_size=tile_size)
    assert rendered(data).size == NOISE.size
    validate_tiles(data[data.index(b"\xff\x4f\xff\x51") :])


@pytest.mark.parametrize("number", [0, 5, -1])
def test_a_jpeg_2000_without_one_of_its_tiles_is_unreadable(number: int) -> None:
    data = encoded(NOISE, "JPEG2000", tile_size=(64, 64))
    start, end = tile_parts(data)[number]
    assert is_unreadable(lambda: rendered(data[:start] + data[end:]))


def test_a_jpeg_2000_whose_later_tiles_are_missing_is_unreadable() -> None:
    data = encoded(NOISE, "JPEG2000", tile_size=(64, 64))
    assert is_unreadable(lambda: rendered(data[: tile_parts(data)[6][0]] + END_OF_JPEG))


def test_a_jpeg_2000_whose_tile_ends_early_is_unreadable() -> None:
    data = encoded(NOISE, "JPEG2000")
    assert is_unreadable(lambda: rendered(data[: len(data) // 2] + END_OF_JPEG))
