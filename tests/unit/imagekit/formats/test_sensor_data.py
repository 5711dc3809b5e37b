"""Camera raw files of which a part is missing: of each kind one that is whole, and ways to lose a part of it."""

import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from tests.unit import lossless_jpeg
from tests.unit.pictures import CORNERS, corners_of, decoded, encoded, four_corners
from tests.unit.raw_pictures import BYTE, LONG, SHORT, Tag, directory, dng, tag, text, tiff, tiled_dng

from imagekit.decoding.limits import inspect
from imagekit.formats.sensor_data import validate_sensor_data
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.render import render
from safelight_contracts.development import Development, DevelopmentMethod
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

PICTURE = four_corners(240, 160)
WHOLE = Rendition(name="whole", width=240, height=None, fit=Fit.INSIDE, type=ImageType.PNG)
BLACK = Image.new("RGB", PICTURE.size)
TILED = tiled_dng(PICTURE)
HEADER_BYTES = 60


def rendered(data: bytes, *, method: DevelopmentMethod = DevelopmentMethod.PREVIEW) -> Image.Image:
    header = inspect(data, limits=Limits())
    (image,) = render(data, header=header, renditions=[WHOLE], development=Development(method=method))
    return decoded(image.data)


def is_unreadable(do: Callable[[], object]) -> bool:
    with pytest.raises(ImageRejected) as raised:
        do()
    return raised.value.reason is ImageFault.UNREADABLE_IMAGE


def zeroed(data: bytes, *, start: int, count: int) -> bytes:
    return data[:start] + bytes(count) + data[start + count :]


@pytest.mark.parametrize("method", DevelopmentMethod)
def test_tiles_of_lossless_jpeg_give_the_same_pixels_as_a_strip(method: DevelopmentMethod) -> None:
    image = rendered(TILED.data, method=method)
    assert corners_of(image) == {corner: corner for corner in CORNERS}
    assert np.array_equal(np.asarray(image), np.asarray(rendered(dng(PICTURE), method=method)))


@pytest.mark.parametrize("number", range(len(TILED.tiles)))
@pytest.mark.parametrize("into", [0, 2, 40, 1000], ids=lambda into: f"{into} bytes into")
def test_a_file_that_is_cut_in_a_tile_is_unreadable(number: int, into: int) -> None:
    assert is_unreadable(lambda: rendered(TILED.data[: TILED.tiles[number] + into]))


@pytest.mark.parametrize("number", range(len(TILED.tiles)))
@pytest.mark.parametrize(("start", "count"), [(0, 1), (0, 2), (0, HEADER_BYTES), (2, 2), (6, 17), (40, 6), (52, 8)])
def test_a_tile_whose_header_is_zeroed_is_unreadable(number: int, start: int, count: int) -> None:
    assert is_unreadable(lambda: rendered(zeroed(TILED.data, start=TILED.tiles[number] + start, count=count)))


def test_a_tile_that_ends_before_its_last_row_is_unreadable() -> None:
    short = lossless_jpeg.encoded(np.zeros((60, 64), dtype=np.uint16))
    data = TILED.data
    assert is_unreadable(lambda: rendered(data[: TILED.tiles[1]] + short + data[TILED.tiles[1] + len(short) :]))


def test_data_of_a_tile_that_ends_before_its_last_row_is_unreadable() -> None:
    end_of_image = b"\xff\xd9"
    at = TILED.tiles[1] + 1000
    assert is_unreadable(lambda: rendered(TILED.data[:at] + end_of_image + TILED.data[at + 2 :]))


@pytest.mark.parametrize("method", DevelopmentMethod)
def test_a_file_without_a_pixel_is_unreadable(method: DevelopmentMethod) -> None:
    large = tiled_dng(Image.new("RGB", (1024, 768)), side=256)
    assert is_unreadable(lambda: rendered(large.data[: large.tiles[0]], method=method))


@pytest.mark.parametrize("preview", [None, encoded(PICTURE, "JPEG")], ids=["alone", "with a preview"])
@pytest.mark.parametrize("part", [0.5, 0.9, 0.9999])
def test_a_truncated_strip_is_unreadable_even_with_a_complete_preview(preview: bytes | None, part: float) -> None:
    data = dng(PICTURE, preview=preview)
    assert is_unreadable(lambda: rendered(data[: int(len(data) * part)]))


def test_a_strip_too_short_for_its_rows_is_unreadable() -> None:
    whole, short = (struct.pack("<HHII", 279, LONG, 1, size) for size in (2 * 240 * 160, 2 * 240 * 159))
    data = dng(PICTURE)
    assert data.count(whole) == 1
    assert is_unreadable(lambda: rendered(data.replace(whole, short)))


def test_too_few_tiles_are_unreadable() -> None:
    tags = [struct.pack("<HHI", number, LONG, len(TILED.tiles)) for number in (324, 325)]
    data = TILED.data
    for one in tags:
        assert data.count(one) == 1
        data = data.replace(one, one[:4] + struct.pack("<I", len(TILED.tiles) - 1))
    assert is_unreadable(lambda: rendered(data))


def test_a_picture_that_its_decoder_writes_only_in_part_is_unreadable() -> None:
    # Of what is no DNG, LibRaw decodes the first tile alone, and reports nothing.
    version = struct.pack("<HH", 50706, BYTE)
    assert TILED.data.count(version) == 1
    assert is_unreadable(lambda: rendered(TILED.data.replace(version, struct.pack("<HH", 50705, BYTE))))


@pytest.mark.parametrize("data", [dng(BLACK), tiled_dng(BLACK).data], ids=["strip", "tiles"])
def test_a_black_picture_is_published(data: bytes) -> None:
    assert rendered(data).convert("L").getextrema() == (0, 0)


STRIP = bytes(1000)
SENSOR = (tag(254, LONG, 0), tag(256, LONG, 40), tag(257, LONG, 20), tag(262, SHORT, 32803))


def strip_behind(*tags: Tag, start: bytes = b"II*\0", mark: bytes = b"", strip: bytes = STRIP) -> bytes:
    """Make a file of one directory whose one strip is all that is behind it."""

    def head(offset: int) -> bytes:
        place = (tag(273, LONG, offset), tag(279, LONG, len(strip)))
        return tiff(*tags, *place, start=start, mark=mark)

    return head(len(head(0))) + strip


def nef() -> bytes:
    """Make a file whose sensor's data is named in a directory of the first one, which is a thumbnail's."""
    outer = (tag(254, LONG, 1), text(271, "Nikon"))
    sub = len(tiff(*outer, tag(330, LONG, 0)))
    place = sub + len(directory(*SENSOR, tag(273, LONG, 0), tag(279, LONG, 0), at=sub))
    inner = directory(*SENSOR, tag(273, LONG, place), tag(279, LONG, len(STRIP)), at=sub)
    return tiff(*outer, tag(330, LONG, sub)) + inner + STRIP


def raf() -> bytes:
    parts = b"".join(struct.pack(">II", *part) for part in ((108, 10), (118, 10), (128, len(STRIP))))
    return b"FUJIFILMCCD-RAW ".ljust(84, b"0") + parts + bytes(20) + STRIP


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def cr3() -> bytes:
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", bytes(20)) + box(b"mdat", STRIP)


def rw2(*, encoding: int, bits: int, pixels_of_block: int) -> bytes:
    """Make a file of 126 x 110 pixels in blocks of 16 bytes; its byte count is that of pixels of two bytes."""
    size = (tag(2, SHORT, 126), tag(3, SHORT, 110), tag(10, SHORT, bits), tag(45, SHORT, encoding))
    data = bytes(126 * 110 // pixels_of_block * 16)

    def head(offset: int) -> bytes:
        return tiff(*size, tag(279, LONG, 2 * 126 * 110), tag(280, LONG, offset), start=b"IIU\0")

    return head(len(head(0))) + data


CODED = lossless_jpeg.encoded(np.zeros((20, 40), dtype=np.uint16))
FAMILIES = {
    "NEF": nef(),
    "PEF": strip_behind(*SENSOR),
    "ARW in tiles of lossless JPEG": strip_behind(*SENSOR, tag(259, SHORT, 7), strip=CODED),
    "ORF": strip_behind(tag(256, LONG, 40), tag(257, LONG, 20), start=b"IIRO"),
    "CR2": strip_behind(tag(259, SHORT, 6), mark=b"CR\2\0\0\0\0\0", strip=CODED),
    "RAF": raf(),
    "CR3": cr3(),
    "RW2, encoding 4": rw2(encoding=4, bits=12, pixels_of_block=14),
    "RW2, encoding 5": rw2(encoding=5, bits=12, pixels_of_block=10),
    "RW2, encoding 6": rw2(encoding=6, bits=14, pixels_of_block=11),
    "RW2, encoding 7": rw2(encoding=7, bits=14, pixels_of_block=9),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_with_all_of_its_sensor_data_is_valid(family: str) -> None:
    validate_sensor_data(FAMILIES[family])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("missing", [1, 100])
def test_a_file_with_truncated_sensor_data_is_unreadable(family: str, missing: int) -> None:
    assert is_unreadable(lambda: validate_sensor_data(FAMILIES[family][:-missing]))


@pytest.mark.parametrize("family", ["ARW in tiles of lossless JPEG", "CR2"])
def test_lossless_jpeg_without_a_header_is_unreadable_in_every_makers_files(family: str) -> None:
    data = FAMILIES[family]
    assert is_unreadable(lambda: validate_sensor_data(zeroed(data, start=data.index(CODED), count=2)))


def test_an_unknown_rw2_encoding_is_left_to_its_decoder() -> None:
    validate_sensor_data(rw2(encoding=8, bits=14, pixels_of_block=100))


def test_a_truncated_preview_does_not_count_as_missing_sensor_data() -> None:
    preview = (tag(254, LONG, 1), tag(273, LONG, 1_000_000), tag(279, LONG, 1000))
    sub = len(tiff(*preview, tag(330, LONG, 0)))
    inner = directory(*SENSOR, tag(273, LONG, 8), tag(279, LONG, 16), at=sub)
    validate_sensor_data(tiff(*preview, tag(330, LONG, sub)) + inner)
