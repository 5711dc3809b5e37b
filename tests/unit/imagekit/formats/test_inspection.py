import struct
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import ORIENTATIONS, decoded, encoded, exif, four_corners, photograph
from tests.unit.robustness.hostile import chunk

from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.source import MAX_FETCHED_BYTES, MAX_FETCHES, BytesSource, FetchedSource
from safelight_contracts.image_types import ImageType

WITH_ORIENTATION = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"]
# EXIF data with the orientation 6 and nothing else.
SIXTH = struct.pack("<4sIHHHIHHI", b"II*\0", 8, 1, 274, 3, 1, 6, 0, 0)
SMALL_PNG = encoded(four_corners(37, 21), "PNG")
SAMPLES = {
    "JPEG": encoded(four_corners(37, 21), "JPEG"),
    "progressive JPEG": encoded(four_corners(37, 21), "JPEG", progressive=True),
    "CMYK JPEG": encoded(four_corners(37, 21).convert("CMYK"), "JPEG"),
    "PNG": encoded(four_corners(37, 21), "PNG"),
    "palette PNG": encoded(four_corners(37, 21).convert("P"), "PNG"),
    "lossy WEBP": encoded(four_corners(37, 21), "WEBP"),
    "lossless WEBP": encoded(four_corners(37, 21), "WEBP", lossless=True),
    "WEBP with EXIF": encoded(four_corners(37, 21), "WEBP", exif=exif(orientation=6)),
    "animated WEBP": encoded(four_corners(37, 21), "WEBP", save_all=True, append_images=[Image.new("RGB", (37, 21))]),
    "GIF": encoded(four_corners(37, 21), "GIF"),
    "GIF with a comment": encoded(four_corners(37, 21), "GIF", comment=b"words " * 200),
    "animated GIF": encoded(four_corners(37, 21), "GIF", save_all=True, append_images=[Image.new("RGB", (37, 21))]),
    "TIFF": encoded(four_corners(37, 21), "TIFF"),
    "BMP": encoded(four_corners(37, 21), "BMP"),
    "AVIF": encoded(four_corners(37, 21), "AVIF"),
    "animated AVIF": encoded(four_corners(37, 21), "AVIF", save_all=True, append_images=[Image.new("RGB", (37, 21))]),
    "AVIF with alpha": encoded(four_corners(37, 21).convert("RGBA"), "AVIF"),
    "JPEG with EXIF": photograph(width=37, height=21, orientation=6),
    "PNG with EXIF": photograph(width=37, height=21, orientation=6, image_type="PNG"),
    "PNG with late EXIF": SMALL_PNG[:-12] + chunk(b"eXIf", SIXTH) + SMALL_PNG[-12:],
    "BigTIFF": encoded(four_corners(37, 21), "TIFF", big_tiff=True),
    "TIFF with orientation": photograph(width=37, height=21, orientation=6, image_type="TIFF"),
    "AVIF with orientation": photograph(width=37, height=21, orientation=6, image_type="AVIF"),
}


class CountedSource:
    def __init__(self, data: bytes) -> None:
        self.fetches: list[tuple[int, int]] = []
        self._data = data
        self.source = FetchedSource(self._fetch, size=len(data))

    def _fetch(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length > 0
        assert offset + length <= len(self._data), "a fetch beyond the end is an error in S3"
        self.fetches.append((offset, length))
        return self._data[offset : offset + length]


def header_of(data: bytes) -> Header:
    return inspect_header(BytesSource(data))


def inspect_or_reject(data: bytes) -> Header | ImageFault:
    counted = CountedSource(data)
    try:
        header = inspect_header(counted.source)
    except ImageRejected as rejection:
        return rejection.reason
    finally:
        assert len(counted.fetches) <= MAX_FETCHES
        assert sum(length for _, length in counted.fetches) <= MAX_FETCHED_BYTES
    assert header.width > 0
    assert header.height > 0
    return header


@pytest.mark.parametrize("name", SAMPLES)
def test_a_header_says_the_type_and_the_size_that_pillow_sees(name: str) -> None:
    data = SAMPLES[name]
    header = header_of(data)
    picture = Image.open(BytesIO(data))
    shown = decoded(data) if header.type is ImageType.TIFF else picture
    size = (header.width, header.height) if header.type is ImageType.TIFF else stored_size(header)
    assert (header.type, size) == (picture.format, shown.size)


def stored_size(header: Header) -> tuple[int, int]:
    return header.stored_width, header.stored_height


@pytest.mark.parametrize("image_type", WITH_ORIENTATION)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_image_is_measured_as_it_is_displayed(image_type: str, orientation: int) -> None:
    data = photograph(width=37, height=21, orientation=orientation, image_type=image_type)
    header = header_of(data)
    assert (header.width, header.height, header.orientation) == (37, 21, orientation)


def test_a_portrait_with_orientation_6_is_measured_upright() -> None:
    header = header_of(photograph(width=30, height=40, orientation=6))
    assert (header.stored_width, header.stored_height) == (40, 30)
    assert (header.width, header.height) == (30, 40)


def test_an_orientation_that_does_not_exist_is_upright() -> None:
    data = encoded(four_corners(37, 21), "JPEG", exif=exif(orientation=9))
    assert header_of(data).orientation == 1


def test_broken_exif_data_does_not_make_an_image_unreadable() -> None:
    data = encoded(four_corners(37, 21), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert (header_of(data).width, header_of(data).orientation) == (37, 1)


def test_a_big_endian_exif_block_is_read() -> None:
    tiff = b"MM\x00*" + struct.pack(">IHHHIHH", 8, 1, 274, 3, 1, 6, 0) + bytes(4)
    data = encoded(four_corners(37, 21), "JPEG", exif=b"Exif\x00\x00" + tiff)
    assert header_of(data).orientation == 6


# The directory of a TIFF, and EXIF data of a PNG, may be at the end.
AT_THE_END = {"TIFF", "BigTIFF", "PNG", "palette PNG", "PNG with late EXIF"}


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in AT_THE_END])
def test_a_usual_header_takes_one_fetch_of_64_kilobytes(name: str) -> None:
    counted = CountedSource(SAMPLES[name] + bytes(300_000))
    inspect_header(counted.source)
    assert counted.fetches == [(0, 65_536)]


def test_a_jpeg_with_much_exif_takes_one_more_fetch() -> None:
    stored = four_corners(37, 21)
    data = encoded(stored, "JPEG", exif=exif(orientation=6, extra=bytes(60_000)), icc_profile=bytes(20_000))
    counted = CountedSource(data + bytes(300_000))
    assert inspect_header(counted.source).orientation == 6
    assert len(counted.fetches) == 2
    assert sum(length for _, length in counted.fetches) <= 131_072


def test_a_jpeg_with_a_megabyte_before_its_frame_is_read_in_few_fetches() -> None:
    data = encoded(four_corners(37, 21), "JPEG", icc_profile=bytes(1_500_000))
    counted = CountedSource(data)
    assert inspect_header(counted.source).width == 37
    assert len(counted.fetches) <= 6


def test_a_tiff_whose_directory_is_at_the_end_takes_a_second_fetch() -> None:
    data = encoded(Image.effect_noise((400, 400), 90), "TIFF")
    directory = struct.unpack("<I", data[4:8])[0]
    padded = data[:4] + struct.pack("<I", directory + 500_000) + data[8:directory] + bytes(500_000)
    counted = CountedSource(padded + data[directory:])
    assert inspect_header(counted.source).width == 400
    assert len(counted.fetches) == 2


def png_with_late_exif(*chunks: bytes, tiff: bytes = SIXTH, trailer: bytes = b"") -> bytes:
    noise = encoded(Image.effect_noise((700, 700), 90), "PNG")
    end = len(noise) - 12
    return noise[:end] + chunk(b"eXIf", tiff) + b"".join(chunks) + noise[end:] + trailer


@pytest.mark.parametrize(
    "data",
    [
        png_with_late_exif(),
        png_with_late_exif(chunk(b"tEXt", b"date\0today"), chunk(b"tIME", bytes(7))),
        png_with_late_exif(trailer=bytes(5000)),
        png_with_late_exif(tiff=SIXTH + bytes(50_000)),
    ],
    ids=["at the end", "before texts", "before stray bytes", "with a preview"],
)
def test_an_exif_chunk_behind_the_image_data_of_a_png_is_found(data: bytes) -> None:
    counted = CountedSource(data)
    assert inspect_header(counted.source) == header_of(data)
    assert header_of(data).orientation == 6
    assert len(counted.fetches) == 2


def test_an_exif_chunk_before_the_image_data_of_a_png_has_precedence() -> None:
    late = png_with_late_exif()
    third = struct.pack("<4sIHHHIHHI", b"II*\0", 8, 1, 274, 3, 1, 3, 0, 0)
    counted = CountedSource(late[:33] + chunk(b"eXIf", third) + late[33:])
    assert inspect_header(counted.source).orientation == 3
    assert len(counted.fetches) == 1


@pytest.mark.parametrize(
    "data",
    [
        png_with_late_exif(chunk(b"tEXt", b"words\0" + bytes(70_000))),
        png_with_late_exif(chunk(b"tEXt", b"words\0eXIf")),
        png_with_late_exif()[:-20],
        encoded(Image.effect_noise((700, 700), 90), "PNG") + b"\0\0\0\x1aeXIf" + SIXTH,
    ],
    ids=["far from the end", "before a text of that name", "cut off", "not in a chunk"],
)
def test_the_whole_png_and_its_remote_header_are_turned_the_same_way(data: bytes) -> None:
    assert inspect_header(CountedSource(data).source) == header_of(data)
    assert header_of(data).orientation == 1


def test_an_exif_chunk_behind_the_image_data_of_a_webp_is_found() -> None:
    noise = Image.effect_noise((700, 700), 90).convert("RGB")
    counted = CountedSource(encoded(noise, "WEBP", lossless=True, exif=exif(orientation=8)))
    assert inspect_header(counted.source).orientation == 8
    assert len(counted.fetches) == 2


def test_the_frame_of_a_gif_counts_if_it_is_larger_than_the_screen() -> None:
    data = bytearray(encoded(four_corners(37, 21), "GIF"))
    data[6:10] = struct.pack("<HH", 1, 1)
    header = header_of(bytes(data))
    assert (header.width, header.height) == (37, 21)


def test_a_gif_has_the_size_of_its_screen_if_its_first_frame_is_smaller() -> None:
    data = bytearray(encoded(four_corners(37, 21), "GIF"))
    data[6:10] = struct.pack("<HH", 100, 80)
    header = header_of(bytes(data))
    assert (header.width, header.height) == (100, 80) == decoded(bytes(data)).size


def test_a_bitmap_whose_alpha_is_zero_is_measured() -> None:
    header = header_of(encoded(Image.new("RGBA", (37, 21)), "BMP"))
    assert (header.width, header.height) == (37, 21)


def test_a_top_down_bitmap_has_a_positive_height() -> None:
    data = bytearray(SAMPLES["BMP"])
    data[22:26] = struct.pack("<i", -21)
    assert header_of(bytes(data)).height == 21


def test_an_os2_bitmap_is_measured() -> None:
    data = b"BM" + bytes(12) + struct.pack("<IHH", 12, 37, 21)
    assert (header_of(data).width, header_of(data).height) == (37, 21)


@given(st.integers(0, 11), st.binary(min_size=8, max_size=64))
def test_a_bitmap_with_too_small_an_information_header_is_unreadable(header_bytes: int, rest: bytes) -> None:
    data = b"BM" + bytes(12) + struct.pack("<I", header_bytes) + rest
    assert inspect_or_reject(data) is ImageFault.UNREADABLE_IMAGE


@pytest.mark.parametrize(
    "data",
    [
        b"hello, I am a text file called .jpg",
        b"",
        b"\xff\xd8\xff\xd9",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    ],
)
def test_bytes_that_are_not_an_image_are_unreadable(data: bytes) -> None:
    with pytest.raises(ImageRejected) as rejection:
        header_of(data)
    assert rejection.value.reason is ImageFault.UNREADABLE_IMAGE


def test_an_image_without_pixels_is_unreadable() -> None:
    data = bytearray(SAMPLES["PNG"])
    data[16:20] = bytes(4)
    assert inspect_or_reject(bytes(data)) is ImageFault.UNREADABLE_IMAGE


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", 20) + b"ftypmif1\x00\x00\x00\x00mif1",
        b"II*\x00" + struct.pack("<IHHHIBBBBI", 8, 1, 50706, 1, 4, 1, 4, 0, 0, 0),
        b"II*\x00" + struct.pack("<IHHHIII", 8, 1, 254, 4, 1, 1, 0),
    ],
    ids=["HEIF of no known coding", "DNG without raw data", "a thumbnail of raw data"],
)
def test_an_image_of_an_unknown_kind_is_an_unsupported_type(data: bytes) -> None:
    assert inspect_or_reject(data) is ImageFault.UNSUPPORTED_TYPE


@settings(deadline=None)
@given(st.binary(max_size=4096))
def test_any_bytes_give_a_header_or_a_rejection(data: bytes) -> None:
    inspect_or_reject(data)


MAGIC = [b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00", b"MM\x00*", b"BM"]


@settings(deadline=None)
@given(st.sampled_from([*MAGIC, *(data[:40] for data in SAMPLES.values())]), st.binary(max_size=4096))
def test_any_bytes_after_a_known_start_give_a_header_or_a_rejection(start: bytes, rest: bytes) -> None:
    inspect_or_reject(start + rest)


@settings(deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.floats(0, 1))
def test_a_truncated_image_gives_a_header_or_a_rejection(name: str, part: float) -> None:
    data = SAMPLES[name]
    inspect_or_reject(data[: int(len(data) * part)])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.integers(0, 699), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_give_a_header_or_a_rejection(name: str, flips: list[tuple[int, int]]) -> None:
    data = bytearray(SAMPLES[name])
    for at, value in flips:
        data[at % len(data)] ^= value
    inspect_or_reject(bytes(data))


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: b"\xff\xd8" + b"\xff" * 20_000_000,
        lambda: b"\xff\xd8" + b"\xff\xe2\x00\x02" * 5_000_000,
        lambda: b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\x01x" * 10_000_000,
    ],
    ids=["fill bytes", "empty segments", "tiny sub-blocks"],
)
def test_an_endless_header_is_unreadable(hostile: Callable[[], bytes]) -> None:
    assert inspect_or_reject(hostile()) is ImageFault.UNREADABLE_IMAGE
