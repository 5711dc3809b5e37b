"""BMPs whose colours are bit masks."""

import struct
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.unit.imagekit.formats.test_sensor_data import is_unreadable

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.rejection import ImageFault, ImageRejected
from safelight_contracts.limits import Limits

BIT_FIELDS, ALPHA_BIT_FIELDS = 3, 6
TEN_BITS = (0x3FF00000, 0xFFC00, 0x3FF)


def bmp(
    numbers: NDArray[np.unsignedinteger],
    *masks: int,
    top_down: object = False,
    header_bytes: int = 40,
    compression: int = BIT_FIELDS,
) -> bytes:
    height, width = numbers.shape
    bits = 8 * numbers.dtype.itemsize
    stored = numbers if top_down else numbers[::-1]
    rows = b"".join(row.tobytes() + bytes(-row.nbytes % 4) for row in stored)
    sides = (width, -height if top_down else height)
    header = struct.pack("<IiiHHIIiiII", header_bytes, *sides, 1, bits, compression, len(rows), 0, 0, 0, 0)
    behind = struct.pack(f"<{len(masks)}I", *masks).ljust(header_bytes - 40, b"\0")
    offset = 14 + len(header) + len(behind)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + header + behind + rows


def shown(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(decode(data, header=inspect(data, limits=Limits())).upright_picture())


def number(values: Sequence[int], masks: Sequence[int]) -> int:
    return sum(value * (mask & -mask) for value, mask in zip(values, masks, strict=True))


def most(mask: int) -> int:
    return mask // (mask & -mask)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[int, Sequence[int]]:
    """Draw the bits of a pixel, and three or four masks in any order."""
    bits = draw(st.sampled_from([16, 32]))
    edges = sorted(draw(st.sets(st.integers(0, bits), min_size=4, max_size=5)))
    masks = [2**high - 2**low for low, high in pairwise(edges)]
    return bits, draw(st.permutations(masks))


@given(layouts(), st.booleans(), st.integers(0, 2**31))
def test_masks_of_any_width_and_order_have_their_colors(
    layout: tuple[int, Sequence[int]], top_down: object, seed: int
) -> None:
    bits, masks = layout
    values = [np.random.default_rng(seed).integers(0, most(mask) + 1, (5, 3)) for mask in masks]
    numbers = np.zeros((5, 3), f"<u{bits // 8}")
    for value, mask in zip(values, masks, strict=True):
        numbers += (value * (mask & -mask)).astype(numbers.dtype)
    alpha = len(masks) == 4
    pixels = shown(bmp(numbers, *masks, top_down=top_down, header_bytes=124 if alpha else 40))
    expected = np.stack([value / most(mask) * 255 for value, mask in zip(values, masks, strict=True)], axis=-1)
    if alpha and pixels.shape[-1] == 4:
        visible = expected[..., 3] >= 9
        assert np.abs(pixels[visible].astype(float) - expected[visible]).max(initial=0) <= 1
    else:
        assert np.abs(pixels.astype(float) - expected[..., :3]).max() <= 1


@pytest.mark.parametrize(
    ("masks", "values"),
    [
        (TEN_BITS, (800, 240, 160)),
        ((0xFF, 0xFF00, 0xFF0000), (200, 60, 40)),
        ((0xFF00, 0xFF0000, 0xFF000000), (200, 60, 40)),
    ],
    ids=["10 bits", "RGBX", "XRGB"],
)
def test_masks_that_pillow_does_not_know_have_their_colors(masks: Sequence[int], values: Sequence[int]) -> None:
    pixels = shown(bmp(np.full((4, 5), number(values, masks), np.uint32), *masks))
    assert pixels[1, 1] == pytest.approx([200, 60, 40], abs=1)


def test_a_color_without_a_mask_is_zero() -> None:
    assert shown(bmp(np.full((4, 5), 0xFFFFFFFF, np.uint32), 0xFF, 0, 0xFF00))[1, 1].tolist() == [255, 0, 255]


def test_masks_with_alpha_behind_a_short_header_are_transparency() -> None:
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    data = bmp(np.full((4, 5), 0x80C83C28, np.uint32), *masks, compression=ALPHA_BIT_FIELDS)
    assert shown(data)[1, 1].tolist() == [200, 60, 40, 128]


def test_alpha_that_is_zero_everywhere_is_no_transparency() -> None:
    masks = (0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    assert shown(bmp(np.full((4, 5), 0x283CC8, np.uint32), *masks, header_bytes=124))[1, 1].tolist() == [200, 60, 40]


def test_rows_that_are_missing_make_it_unreadable() -> None:
    whole = bmp(np.full((4, 5), 1, np.uint32), *TEN_BITS)
    assert is_unreadable(lambda: shown(whole[:-4]))


def test_a_last_row_that_is_not_filled_up_is_shown() -> None:
    whole = bmp(np.full((4, 5), 0xFFFF, np.uint16), 0xF800, 0x7E0, 0x1F)
    assert shown(whole[:-2]).min() == 255


def name_of(data: bytes) -> str:
    with pytest.raises(ImageRejected) as rejection:
        shown(data)
    assert rejection.value.reason is ImageFault.UNSUPPORTED_TYPE
    return str(rejection.value.detail["type"])


def test_a_mask_of_separate_bits_is_named() -> None:
    assert name_of(bmp(np.zeros((4, 5), np.uint32), 0xFF00FF, 0xFF00, 0x1)) == "BMP with irregular masks"


@pytest.mark.parametrize(("header_bytes", "compression"), [(40, 4), (40, 5), (64, 3), (64, 4)])
def test_a_compression_that_is_not_read_is_named(header_bytes: int, compression: int) -> None:
    data = bmp(np.zeros((4, 5), np.uint32), header_bytes=header_bytes, compression=compression)
    assert name_of(data) == f"BMP with compression {compression}"
