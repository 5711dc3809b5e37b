import struct

import pytest
from PIL import Image
from tests.unit.pictures import encoded, four_corners
from tests.unit.profiles import SRGB, display_p3, inverting

from imagekit.formats.inspection import inspect_header
from imagekit.source import BytesSource

PICTURE = four_corners(64, 48)
PLAIN = encoded(PICTURE, "JPEG")
FRAME, SCAN = b"\xff\xc0", b"\xff\xda"


def is_srgb(data: bytes) -> bool:
    return inspect_header(BytesSource(data)).is_srgb


def with_exif(**tags: object) -> bytes:
    exif = Image.Exif()
    exif[0x8769] = {0xA001: tags.get("color_space"), 0xA005: {1: tags.get("index")}}
    if tags.get("index") is None:
        del exif[0x8769][0xA005]
    if tags.get("color_space") is None:
        del exif[0x8769][0xA001]
    return encoded(PICTURE, "JPEG", exif=exif)


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def profile_parts(*parts: bytes, count: int | None = None) -> bytes:
    total = len(parts) if count is None else count
    return b"".join(
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number, total]) + part) for number, part in enumerate(parts, start=1)
    )


def inserted(extra: bytes, *, before: bytes) -> bytes:
    at = PLAIN.index(before)
    return PLAIN[:at] + extra + PLAIN[at:]


def adobe(transform: int) -> bytes:
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        encoded(PICTURE, "JPEG", progressive=True),
        encoded(PICTURE.convert("L"), "JPEG"),
        encoded(PICTURE, "JPEG", icc_profile=SRGB),
        with_exif(color_space=1),
        with_exif(color_space=1, index="R98"),
        with_exif(),
        inserted(profile_parts(SRGB[:200], SRGB[200:]), before=FRAME),
        inserted(adobe(1), before=FRAME),
    ],
    ids=[
        "no profile",
        "progressive",
        "grey",
        "sRGB by its profile",
        "sRGB by EXIF",
        "sRGB by EXIF twice",
        "EXIF that names none",
        "sRGB in two parts",
        "Adobe's YCbCr",
    ],
)
def test_a_jpeg_with_srgb_pixels(data: bytes) -> None:
    assert is_srgb(data)


@pytest.mark.parametrize(
    "data",
    [
        encoded(PICTURE, "JPEG", icc_profile=inverting()),
        encoded(PICTURE, "JPEG", icc_profile=display_p3()),
        encoded(PICTURE, "JPEG", icc_profile=bytes(200_000)),
        encoded(PICTURE.convert("L"), "JPEG", icc_profile=SRGB[:16] + b"GRAY" + SRGB[20:]),
        encoded(PICTURE.convert("CMYK"), "JPEG"),
        encoded(PICTURE, "JPEG", keep_rgb=True),
        with_exif(color_space=0xFFFF, index="R03"),
        with_exif(color_space=0xFFFF),
        with_exif(color_space=2),
        with_exif(index="R03"),
        inserted(profile_parts(SRGB[:200], count=2), before=FRAME),
        inserted(profile_parts(SRGB) + profile_parts(SRGB), before=FRAME),
        inserted(profile_parts(inverting()), before=SCAN),
        inserted(adobe(0), before=FRAME),
        inserted(adobe(0), before=SCAN),
        inserted(segment(0xEE, b"Adobe\0\x64\0\0\0\0"), before=FRAME),
        inserted(segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"), before=FRAME),
        inserted(2 * segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0"), before=FRAME),
        inserted(PLAIN[PLAIN.index(FRAME) : PLAIN.index(b"\xff\xc4")], before=SCAN),
        inserted(b"?", before=SCAN),
        PLAIN[: PLAIN.index(SCAN)],
    ],
    ids=[
        "an inverting profile",
        "Display P3",
        "a long profile",
        "a grey profile",
        "inks",
        "RGB without YCbCr",
        "Adobe RGB by EXIF",
        "uncalibrated by EXIF",
        "Adobe RGB by its old number",
        "Adobe RGB by its index alone",
        "a part of a profile",
        "two profiles",
        "a profile behind the frame's header",
        "Adobe's RGB",
        "Adobe's RGB behind the frame's header",
        "Adobe's segment cut off",
        "EXIF that leads nowhere",
        "EXIF twice",
        "two frames",
        "a stray byte before the scan",
        "no scan",
    ],
)
def test_a_jpeg_with_possibly_other_colors(data: bytes) -> None:
    assert not is_srgb(data)
