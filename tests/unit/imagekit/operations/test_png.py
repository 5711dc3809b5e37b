import zlib

import numpy as np
import pytest
from PIL import Image
from tests.unit.imagekit.operations.making import array_of

from imagekit.decoding.libvips import from_pillow
from imagekit.operations.png import encode_png

EXIF = Image.Exif()
EXIF[0x8298] = "Somebody"


def chunks(data: bytes) -> list[bytes]:
    """Return the chunks' names, and check their sums."""
    names, offset = [], 8
    while offset < len(data):
        end = offset + 12 + int.from_bytes(data[offset : offset + 4], "big")
        assert zlib.crc32(data[offset + 4 : end - 4]) == int.from_bytes(data[end - 4 : end], "big")
        names.append(data[offset + 4 : offset + 8])
        offset = end
    return names


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_pixel_is_written(mode: str) -> None:
    values = np.random.default_rng(1).integers(0, 256, (30, 40, len(mode)), dtype=np.uint8)
    written = encode_png(from_pillow(Image.fromarray(values, mode)), compression=4)
    assert np.array_equal(array_of(written), values)


def test_the_file_has_nothing_but_the_picture() -> None:
    written = encode_png(from_pillow(Image.new("RGB", (20, 10))), compression=4)
    assert chunks(written) == [b"IHDR", b"IDAT", b"IEND"]


def test_exif_data_that_is_given_is_in_the_file() -> None:
    written = encode_png(from_pillow(Image.new("RGB", (20, 10))), compression=4, exif=EXIF.tobytes())
    assert chunks(written) == [b"IHDR", b"eXIf", b"IDAT", b"IEND"]
