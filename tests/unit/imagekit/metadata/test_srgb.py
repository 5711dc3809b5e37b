import struct
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from tests.unit.profiles import SRGB, changed, display_p3, inverting, with_curve

from imagekit.metadata.srgb import MAX_PROFILE_BYTES, is_srgb


def srgb_curve(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


@pytest.mark.parametrize("profile", [SRGB, with_curve(srgb_curve)], ids=["formula", "table"])
def test_srgb_is_recognised_by_its_formula_and_by_its_table(profile: bytes) -> None:
    assert is_srgb(profile)


@pytest.mark.parametrize(
    "profile",
    [
        inverting(),
        display_p3(),
        with_curve(lambda level: level**1.8),
        with_curve(lambda level: level),
        changed(SRGB, {b"A2B0": b"mft2" + bytes(48)}),
        changed(SRGB, {b"cicp": b"cicp" + bytes(4) + bytes([12, 13, 0, 1])}),
        changed(SRGB, {b"rTRC": b"curv" + bytes(4) + struct.pack(">IH", 1, 563)}),
        SRGB[:12] + b"link" + SRGB[16:],
        SRGB[:16] + b"GRAY" + SRGB[20:],
        SRGB[:20] + b"Lab " + SRGB[24:],
        SRGB[:36] + b"none" + SRGB[40:],
        SRGB[:128] + struct.pack(">I", 2**32 - 1) + SRGB[132:],
        SRGB + bytes(MAX_PROFILE_BYTES),
        b"",
    ],
    ids=[
        "inverting",
        "Display P3",
        "exponent 1.8",
        "linear",
        "a table beside the matrix",
        "a tag that overrides",
        "a single exponent",
        "a link of two devices",
        "grey",
        "through Lab",
        "no profile",
        "as many tags as can be said",
        "too long",
        "empty",
    ],
)
def test_a_profile_that_may_show_other_colors_is_not_srgb(profile: bytes) -> None:
    assert not is_srgb(profile)


def test_duplicate_tags_are_not_trusted() -> None:
    (count,) = struct.unpack_from(">I", SRGB, 128)
    entry = SRGB[132:144]
    moved = bytearray(SRGB[:128] + struct.pack(">I", count + 1) + entry + SRGB[132:])
    for number in range(count + 1):
        at = 132 + 12 * number + 4
        moved[at : at + 4] = struct.pack(">I", struct.unpack_from(">I", moved, at)[0] + 12)
    assert not is_srgb(bytes(moved))


@given(cut=st.integers(min_value=0, max_value=len(SRGB) - 4))
def test_a_profile_that_is_cut_off_is_not_srgb(cut: int) -> None:
    assert not is_srgb(SRGB[:cut])


@example(at=515, value=4)
@example(at=491, value=255)
@given(at=st.integers(min_value=0, max_value=len(SRGB) - 1), value=st.integers(min_value=0, max_value=255))
def test_a_profile_recognised_as_srgb_shows_stored_colors(at: int, value: int) -> None:
    profile = SRGB[:at] + bytes([value]) + SRGB[at + 1 :]
    if not is_srgb(profile):
        return
    levels = bytes(level for shade in range(0, 256, 15) for level in (shade, 255 - shade, shade // 2))
    picture = Image.frombytes("RGB", (18, 1), levels)
    try:
        shown = ImageCms.profileToProfile(
            picture, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        # Who cannot read it takes the picture as it is stored.
        return
    assert shown is not None
    assert max(abs(one - other) for one, other in zip(shown.tobytes(), levels, strict=True)) <= 4
