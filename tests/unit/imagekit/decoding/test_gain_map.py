"""HDR with a gain map: the standard picture is shown, and the gain map is not."""

import struct
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from tests.unit.heif_files import size, with_gain_map
from tests.unit.pictures import encoded, heic

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from safelight_contracts.limits import Limits

BASE, GAIN = Image.new("RGB", (64, 48), (200, 60, 60)), Image.new("L", (32, 24), 255)


def shown(data: bytes) -> tuple[Header, Image.Image]:
    header = inspect(data, limits=Limits())
    return header, decode(data, header=header).upright_picture().convert("RGB")


def ultra_hdr() -> bytes:
    """Make a JPEG with a gain map as a second picture, listed in a multi-picture index (CIPA DC-007)."""
    file = BytesIO()
    BASE.save(file, "MPO", save_all=True, append_images=[GAIN.convert("RGB")], quality=95)
    data = file.getvalue()
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x xmlns:hdrgm='http://ns.adobe.com/hdr-gain-map/1.0/' hdrgm:Version='1.0'/>"
    return data[:2] + struct.pack(">2sH", b"\xff\xe1", 2 + len(xmp)) + xmp + data[2:]


def avif_with_gain_map() -> bytes:
    return with_gain_map(encoded(BASE, "AVIF", quality=95), encoded(GAIN, "AVIF"), size=size(64, 48))


def test_a_heic_with_a_gain_map_is_shown_as_its_base() -> None:
    base = heic("orientation_1")
    header, picture = shown(with_gain_map(base, heic("37x21_of_64x64"), size=size(240, 160)))
    assert (header.width, header.height, header.frames) == (240, 160, 1)
    assert picture == shown(base)[1]


@pytest.mark.parametrize("make", [ultra_hdr, avif_with_gain_map])
def test_a_picture_with_a_gain_map_is_shown_as_its_base(make: Callable[[], bytes]) -> None:
    header, picture = shown(make())
    assert (header.width, header.height) == picture.size == (64, 48)
    assert picture.getpixel((32, 24)) == pytest.approx((200, 60, 60), abs=4)
