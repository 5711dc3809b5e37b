"""JPEGs that lack bits of their last MCU: every decoder shows them."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from tests.unit.imagekit.formats.test_sensor_data import is_unreadable
from tests.unit.pictures import encoded

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.rejection import ImageRejected
from safelight_contracts.limits import Limits

END = b"\xff\xd9"
NOISE = Image.fromarray(np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8))
RAMP = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
FLAT = Image.new("RGB", (64, 64), (120, 90, 60))
PICTURES = {"noise": NOISE, "ramp": RAMP, "flat": FLAT}


def pixels(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(decode(data, header=inspect(data, limits=Limits())).upright_picture())


def shortened(data: bytes, *, by: int, end: bytes = END) -> bytes:
    # FF and the zero behind it are one byte of data.
    return data.removesuffix(END)[:-by].removesuffix(b"\xff") + end


def is_accepted(data: bytes) -> bool:
    try:
        pixels(data)
    except ImageRejected:
        return False
    return True


@pytest.mark.parametrize("end", [END, b"", b"\xff\xff" + END], ids=["end marker", "none", "fill bytes"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("optimize", [False, True], ids=["tables of the standard", "tables of its own"])
def test_a_jpeg_without_the_last_byte_of_its_last_mcu_is_shown(mode: str, optimize: object, end: bytes) -> None:
    whole = encoded(NOISE.convert(mode), "JPEG", quality=90, optimize=optimize)
    damaged = shortened(whole, by=1, end=end)
    assert np.array_equal(pixels(damaged)[:47], pixels(whole)[:47])


@given(
    picture=st.sampled_from(sorted(PICTURES)),
    options=st.fixed_dictionaries(
        {
            "quality": st.integers(10, 95),
            "subsampling": st.sampled_from(["4:4:4", "4:2:2", "4:2:0"]),
            "optimize": st.booleans(),
        }
    ),
    mode=st.sampled_from(["RGB", "L"]),
    by=st.integers(1, 60),
)
@example(picture="flat", options={"quality": 50, "optimize": True}, mode="L", by=1)
@example(picture="flat", options={"quality": 50, "optimize": False}, mode="RGB", by=1)
@example(picture="ramp", options={"quality": 50, "optimize": True}, mode="RGB", by=2)
def test_a_jpeg_is_only_accepted_if_it_has_all_mcus_but_a_part_of_the_last(
    picture: str, options: Mapping[str, object], mode: str, by: int
) -> None:
    whole = encoded(PICTURES[picture].convert(mode), "JPEG", **options)
    damaged = shortened(whole, by=by)
    if is_accepted(damaged):
        kept = np.ones((64, 64), bool)
        # The last MCU, and the pixels beside it, whose colours are interpolated.
        kept[64 - 18 :, 64 - 18 :] = False
        assert np.array_equal(pixels(damaged)[kept], pixels(whole)[kept])


def test_a_jpeg_that_lacks_a_whole_mcu_is_unreadable() -> None:
    """In one grey, each MCU has six bits: fewer than the bytes that are missing."""
    whole = encoded(FLAT.convert("L"), "JPEG")
    assert not any(is_accepted(shortened(whole, by=by)) for by in range(2, 20))


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"restart_marker_blocks": 2}], ids=["progressive", "with restart markers"]
)
def test_other_jpegs_without_their_last_bytes_are_unreadable(options: Mapping[str, object]) -> None:
    whole = encoded(NOISE, "JPEG", quality=90, **options)
    assert is_unreadable(lambda: pixels(shortened(whole, by=4)))
