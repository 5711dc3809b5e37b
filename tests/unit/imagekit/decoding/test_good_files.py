"""Good files that decoders often get wrong: other depths, other numbers, and files with harmless faults."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms, PngImagePlugin
from tests.unit.imagekit.decoding.test_missing_pixels import HEIGHT, NOISE, SCAN, chunk, png, rendered, rows_of
from tests.unit.imagekit.formats.test_sensor_data import is_unreadable
from tests.unit.pictures import decoded, encoded

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

END = b"\xff\xd9"


def picture_of(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(decode(data, header=inspect(data, limits=Limits())).upright_picture())


def grey_png(samples: NDArray[np.uint16], *chunks: bytes) -> bytes:
    height, width = samples.shape
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(samples: NDArray[np.generic], **options: object) -> bytes:
    file = BytesIO()
    tifffile.imwrite(file, samples, **options)  # type: ignore[arg-type]
    return file.getvalue()


def ramp(*, most: int, levels: int = 64) -> NDArray[np.uint16]:
    return np.repeat(np.linspace(0, most, levels).astype(np.uint16)[None, :], 8, axis=0)


def test_a_dark_ramp_of_16_bits_in_linear_light_keeps_its_levels() -> None:
    linear = chunk(b"gAMA", struct.pack(">I", 100_000))
    assert len(np.unique(picture_of(grey_png(ramp(most=8192), linear)))) >= 60


def test_grey_of_16_bits_with_a_transparent_color_is_a_ramp() -> None:
    transparent = chunk(b"tRNS", struct.pack(">H", 12_345))
    pixels = picture_of(grey_png(ramp(most=65_535), transparent))
    assert pixels[0, [0, 16, 32, 48], 0] == pytest.approx([0, 65, 130, 195], abs=2)
    assert pixels[..., -1].min() == 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_whose_white_is_zero_is_shown_as_a_positive(dtype: type[np.uint8] | type[np.uint16]) -> None:
    dark = np.full((32, 32), np.iinfo(dtype).max // 5, dtype)
    assert picture_of(tiff(dark, photometric="miniswhite"))[9, 9] == pytest.approx(204, abs=1)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.float32])
def test_numbers_of_another_type_whose_white_is_zero_are_shown_as_a_positive(dtype: type[np.generic]) -> None:
    samples = np.repeat(np.linspace(0, 100, 64).astype(dtype)[None, :], 16, axis=0)
    assert picture_of(tiff(samples, photometric="miniswhite"))[8, [0, 63]].tolist() == [255, 0]


def test_a_black_and_white_tiff_whose_white_is_zero_is_shown_as_a_positive() -> None:
    page = np.zeros((32, 32), bool)
    page[:, 16:] = True
    pixels = picture_of(tiff(page, photometric="miniswhite"))
    assert (pixels[9, 4], pixels[9, 28]) == (255, 0)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_tiff_of_floating_point_numbers_is_shown_despite_one_that_is_none(broken: float) -> None:
    samples = np.repeat(np.linspace(-3, 5, 64, dtype=np.float32)[None, :], 16, axis=0)
    samples[0, 0] = broken
    pixels = picture_of(tiff(samples))
    assert pixels[8, [0, 32, 63]] == pytest.approx([0, 130, 255], abs=2)


def test_a_big_tiff_is_published() -> None:
    assert rendered(tiff(np.asarray(NOISE), bigtiff=True, photometric="rgb")).size == NOISE.size


def test_a_png_with_a_large_profile_is_published() -> None:
    assert rendered(encoded(NOISE, "PNG", icc_profile=bytes(5_000_000))).size == NOISE.size


def test_a_png_with_large_texts_is_published() -> None:
    texts = PngImagePlugin.PngInfo()
    for number in range(3):
        texts.add_text(f"text {number}", "x" * 2_000_000, zip=True)
    assert rendered(encoded(NOISE, "PNG", pnginfo=texts)).size == NOISE.size


WHOLE: dict[str, Callable[[], bytes]] = {
    "baseline": lambda: encoded(NOISE, "JPEG", quality=90),
    "progressive": lambda: encoded(NOISE, "JPEG", quality=90, progressive=True),
    "with restart markers": lambda: encoded(NOISE, "JPEG", quality=90, restart_marker_blocks=8),
}


def with_stray_bytes(data: bytes) -> bytes:
    table = data.index(b"\xff\xdb")
    return data[:table] + b"stray\0\0\0" + data[table:]


def with_stray_bytes_at_the_start(data: bytes) -> bytes:
    return data[:2] + b"stray\0\0\0" + data[2:]


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize(
    "damage",
    [
        with_stray_bytes,
        with_stray_bytes_at_the_start,
        lambda data: data.removesuffix(END),
        lambda data: with_stray_bytes(data).removesuffix(END),
    ],
    ids=["stray bytes", "stray bytes at the start", "no end marker", "stray bytes and no end marker"],
)
def test_a_jpeg_with_all_of_its_pixels_is_published(kind: str, damage: Callable[[bytes], bytes]) -> None:
    whole = WHOLE[kind]()
    assert np.array_equal(np.asarray(rendered(damage(whole))), np.asarray(decoded(whole)))


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.98])
@pytest.mark.parametrize("end", [b"", END, b"\xff\xd8 another picture"], ids=["cut", "end marker", "another picture"])
def test_a_jpeg_without_all_of_its_pixels_is_unreadable(kind: str, part: float, end: bytes) -> None:
    whole = WHOLE[kind]()
    start = whole.index(SCAN)
    cut = whole[: start + int((len(whole) - start) * part)]
    assert is_unreadable(lambda: rendered(cut + end))


def test_harmless_bytes_between_segments_do_not_hide_that_pixels_are_missing() -> None:
    whole = with_stray_bytes(WHOLE["baseline"]())
    assert is_unreadable(lambda: rendered(whole[: len(whole) // 2] + END))


def test_wrong_parameters_of_a_scan_do_not_hide_that_pixels_are_missing() -> None:
    whole = WHOLE["baseline"]()
    wrong = whole.replace(b"\x03\x11\x00\x3f\x00", b"\x03\x11\x00\x00\x00")
    assert wrong != whole
    assert rendered(wrong).size == NOISE.size
    assert is_unreadable(lambda: rendered(wrong[: len(wrong) // 2] + END))


def test_a_jpeg_in_which_an_interval_between_restart_markers_is_missing_is_unreadable() -> None:
    whole = WHOLE["with restart markers"]()
    first, third = whole.index(b"\xff\xd0"), whole.index(b"\xff\xd2")
    assert is_unreadable(lambda: rendered(whole[:first] + whole[third:]))


def test_grey_with_alpha_of_16_bits_keeps_both() -> None:
    samples = np.full((32, 32, 2), 257 * 100, np.uint16)
    samples[..., 1] = 257 * 128
    pixels = picture_of(tiff(samples, photometric="minisblack", extrasamples=["unassalpha"]))
    assert pixels[9, 9] == pytest.approx([100, 128], abs=1)


def test_a_tiff_of_luma_and_chroma_has_its_colors() -> None:
    red = Image.new("RGB", (32, 32), (200, 60, 60))
    pixels = picture_of(encoded(red.convert("YCbCr"), "TIFF"))
    assert pixels[9, 9] == pytest.approx([200, 60, 60], abs=2)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("part", [0.3, 0.9])
@pytest.mark.parametrize("layout", [{"tile": (64, 64)}, {"rowsperstrip": 16}, {"rowsperstrip": HEIGHT}], ids=str)
def test_a_tiff_that_is_cut_is_unreadable(compression: str | None, part: float, layout: dict[str, object]) -> None:
    whole = tiff(np.asarray(NOISE), photometric="rgb", compression=compression, **layout)
    assert rendered(whole).size == NOISE.size
    # tifffile writes the IFD first.
    assert is_unreadable(lambda: rendered(whole[: int(len(whole) * part)]))


@pytest.mark.parametrize("end", [b"", END], ids=["cut", "end marker"])
def test_a_jpeg_in_a_tiff_without_all_of_its_data_is_unreadable(end: bytes) -> None:
    whole = encoded(NOISE, "TIFF", compression="jpeg")
    offset, length = (Image.open(BytesIO(whole)).tag_v2[tag][0] for tag in (273, 279))  # type: ignore[attr-defined]
    damaged = bytearray(whole)
    half = offset + length // 2
    damaged[half : offset + length] = end.ljust(offset + length - half, b"\0")
    assert is_unreadable(lambda: rendered(bytes(damaged)))


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "lzma"},
        {"planarconfig": "separate", "tile": (64, 64)},
        {"planarconfig": "separate", "compression": "zlib"},
    ],
    ids=str,
)
def test_a_tiff_that_libvips_cannot_read_is_published(options: dict[str, object]) -> None:
    samples = np.asarray(NOISE)
    if "planarconfig" in options:
        samples = np.ascontiguousarray(samples.transpose(2, 0, 1))
    assert np.array_equal(np.asarray(rendered(tiff(samples, photometric="rgb", **options))), np.asarray(NOISE))


@pytest.mark.parametrize("layout", [{}, {"tile": (32, 32)}], ids=["strips", "tiles"])
def test_associated_alpha_in_a_tiff_is_transparency(layout: dict[str, object]) -> None:
    samples = np.full((32, 32, 4), 128, np.uint8)
    samples[..., :3] = (100, 50, 20)
    pixels = picture_of(tiff(samples, photometric="rgb", extrasamples=["assocalpha"], **layout))
    assert pixels[9, 9] == pytest.approx([199, 99, 40, 128], abs=1)


def test_associated_alpha_that_no_decoder_reads_is_named() -> None:
    planes = np.full((4, 32, 32), 128, np.uint8)
    data = tiff(planes, photometric="rgb", planarconfig="separate", extrasamples=["assocalpha"], tile=(32, 32))
    with pytest.raises(ImageRejected) as rejection:
        inspect(data, limits=Limits())
    assert rejection.value.detail == {"type": "TIFF of tiles in planes with associated alpha"}


def test_floating_point_colors_are_linear_light_from_0_to_1() -> None:
    samples = np.full((32, 32, 3), (0.2, 1.0, 200.0), np.float32)
    assert picture_of(tiff(samples, photometric="rgb"))[9, 9] == pytest.approx([124, 255, 255], abs=1)


@pytest.mark.parametrize("extra", [["unspecified"], ["unspecified", "unspecified"]], ids=len)
def test_masks_in_a_tiff_are_not_transparency(extra: list[str]) -> None:
    masks = np.zeros((32, 32, len(extra)), np.uint8)
    samples = np.concatenate([np.full((32, 32, 3), 90, np.uint8), masks], axis=2)
    pixels = picture_of(tiff(samples, photometric="rgb", extrasamples=extra))
    assert pixels[9, 9].tolist() == [90, 90, 90]


def test_alpha_before_a_mask_in_a_tiff_is_transparency() -> None:
    samples = np.full((32, 32, 5), 128, np.uint8)
    pixels = picture_of(tiff(samples, photometric="rgb", extrasamples=["unassalpha", "unspecified"]))
    assert pixels[9, 9].tolist() == [128, 128, 128, 128]


@pytest.mark.parametrize("dtype", [np.uint32, np.int16, np.float32])
def test_a_tiff_of_numbers_of_another_type_is_shown(dtype: type[np.generic]) -> None:
    samples = np.repeat(np.linspace(0, 1000, 64).astype(dtype)[None, :], 16, axis=0)
    assert picture_of(tiff(samples))[8, [0, 32, 63]] == pytest.approx([0, 130, 255], abs=2)


@pytest.mark.parametrize("width", [60, 200])
@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "TIFF"])
def test_an_image_that_is_cut_below_the_part_that_is_shown_is_unreadable(image_type: str, width: int) -> None:
    shown = Rendition(name="a", width=width, height=20, fit=Fit.COVER, type=ImageType.PNG, focal_point=(0.5, 0.0))
    whole = encoded(NOISE, image_type)
    cut = whole[: int(len(whole) * 0.7)] if image_type != "TIFF" else whole[:-9000]
    assert is_unreadable(lambda: render(cut, header=inspect(cut, limits=Limits()), renditions=[shown]))


def with_segment(data: bytes, *, marker: int, content: bytes) -> bytes:
    return data[:2] + bytes((0xFF, marker)) + struct.pack(">H", 2 + len(content)) + content + data[2:]


@pytest.mark.parametrize(
    "harmless",
    [
        lambda data: data.replace(b"JFIF\0\x01", b"JFIF\0\x07"),
        lambda data: with_segment(data, marker=0xEE, content=b"Adobe\0\x64\0\0\0\0\x09"),
    ],
    ids=["JFIF version", "Adobe transform"],
)
def test_a_harmless_warning_does_not_hide_that_pixels_are_missing(harmless: Callable[[bytes], bytes]) -> None:
    whole = harmless(WHOLE["baseline"]())
    assert rendered(whole).size == NOISE.size
    assert is_unreadable(lambda: rendered(whole[: len(whole) // 2] + END))


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0"])
@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
@pytest.mark.parametrize("interval", [1, 7, 100])
def test_a_jpeg_with_all_of_its_restart_markers_is_published(
    subsampling: str, progressive: object, interval: int
) -> None:
    data = encoded(NOISE, "JPEG", subsampling=subsampling, progressive=progressive, restart_marker_blocks=interval)
    assert rendered(data).size == NOISE.size


def test_a_jpeg_whose_last_intervals_are_overwritten_is_unreadable() -> None:
    whole = WHOLE["with restart markers"]()
    half = len(whole) // 2
    assert is_unreadable(lambda: rendered(whole[:half] + bytes(len(whole) - half - 2) + END))


def test_code_points_of_a_png_replace_its_profile() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Image.new("RGB", (32, 32), (148, 148, 148)), "PNG", icc_profile=profile)
    data = data[:33] + chunk(b"cICP", bytes([9, 16, 0, 1])) + data[33:]
    assert picture_of(data)[9, 9].min() >= 253


def test_a_chunk_with_a_wrong_checksum_does_not_change_colors() -> None:
    data = encoded(Image.new("RGB", (32, 32), (55, 55, 55)), "PNG")
    gamma = chunk(b"gAMA", struct.pack(">I", 100_000))
    assert picture_of(data[:33] + gamma[:-1] + b"?" + data[33:])[9, 9].tolist() == [55, 55, 55]


def png_in_chunks(*contents: bytes, damaged: int) -> bytes:
    """Make a PNG of `NOISE` from pieces of its image data. The checksum of one piece is wrong."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *NOISE.size, 8, 2, 0, 0, 0))
    pieces = [chunk(b"IDAT", content) for content in contents]
    pieces[damaged] = pieces[damaged][:-1] + bytes([pieces[damaged][-1] ^ 1])
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(pieces) + chunk(b"IEND", b"")


@pytest.mark.parametrize("damaged", [0, 1, 2])
def test_image_data_with_a_wrong_checksum_are_shown_if_their_second_one_is_right(damaged: int) -> None:
    stream = zlib.compress(rows_of(NOISE))
    data = png_in_chunks(stream[:9000], stream[9000:-3], stream[-3:], damaged=damaged)
    assert np.array_equal(np.asarray(rendered(data)), np.asarray(NOISE))


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=1, max_value=255))
def test_image_data_are_unreadable_if_both_checksums_are_wrong(place: int, change: int) -> None:
    stream = bytearray(zlib.compress(rows_of(NOISE)))
    stream[2 + place % (len(stream) - 2)] ^= change
    assert is_unreadable(lambda: rendered(png_in_chunks(bytes(stream), damaged=0)))


@pytest.mark.parametrize("level", [0, 6])
def test_image_data_whose_second_checksum_is_wrong_are_unreadable(level: int) -> None:
    stream = zlib.compress(rows_of(NOISE), level)
    whole = png(rows_of(NOISE), width=NOISE.width, height=NOISE.height)
    wrong = chunk(b"IDAT", stream[:-1] + bytes([stream[-1] ^ 1]))
    assert is_unreadable(lambda: rendered(whole[:33] + wrong + chunk(b"IEND", b"")))


def test_a_transparent_color_with_a_wrong_checksum_is_ignored() -> None:
    data = encoded(Image.new("RGB", (32, 32), (55, 55, 55)), "PNG")
    transparent = chunk(b"tRNS", struct.pack(">3H", 55, 55, 55))
    assert picture_of(data[:33] + transparent + data[33:])[9, 9].tolist() == [0, 0, 0, 0]
    assert picture_of(data[:33] + transparent[:-1] + b"?" + data[33:])[9, 9].tolist() == [55, 55, 55]


def test_a_palette_with_a_wrong_checksum_makes_a_png_unreadable() -> None:
    data = bytearray(encoded(NOISE.quantize(16), "PNG"))
    data[data.index(b"PLTE") + 4] ^= 1
    assert is_unreadable(lambda: rendered(bytes(data)))


def test_a_tiff_of_one_large_strip_is_published() -> None:
    samples = np.full((4200, 4200, 3), 90, np.uint8)
    assert (
        picture_of(tiff(samples, photometric="rgb", compression="zlib", rowsperstrip=4200))[9, 9].tolist() == [90] * 3
    )


def test_exif_data_of_a_png_that_begins_like_that_of_a_jpeg_turns_it() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    content = exif.tobytes()
    assert content.startswith(b"Exif")
    data = encoded(NOISE, "PNG")
    assert rendered(data[:33] + chunk(b"eXIf", content) + data[33:]).size == (170, 250)


@pytest.mark.parametrize(("kind", "layout"), [(1, "B"), (3, "H"), (4, "I"), (6, "b"), (8, "h"), (9, "i")])
def test_an_orientation_of_any_whole_type_turns_the_image(kind: int, layout: str) -> None:
    entry = struct.pack("<HHI", 274, kind, 1) + struct.pack(f"<{layout}", 6).ljust(4, b"\0")
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    assert rendered(with_segment(encoded(NOISE, "JPEG"), marker=0xE1, content=exif)).size == (170, 250)


@pytest.mark.parametrize(("value", "shown"), [(0.0, 0), (0.5, 128), (1.0, 255)])
def test_a_tiff_of_one_floating_point_number_is_not_stretched(value: float, shown: int) -> None:
    assert picture_of(tiff(np.full((32, 32), value, np.float32)))[9, 9] == shown


def test_alpha_of_floating_point_numbers_is_not_scaled_with_the_grey() -> None:
    samples = np.stack([np.linspace(0, 1000, 64), np.full(64, 0.5)], axis=-1).astype(np.float32)[None].repeat(8, axis=0)
    pixels = picture_of(tiff(samples, photometric="minisblack", extrasamples=["unassalpha"]))
    assert pixels[4, 63].tolist() == [255, 127]


def test_stray_bytes_between_scans_do_not_hide_that_pixels_are_missing() -> None:
    whole = WHOLE["progressive"]()
    last = whole.rindex(SCAN)
    stray = whole[: whole.rindex(b"\xff\xc4", 0, last)] + b"stray" + whole[whole.rindex(b"\xff\xc4", 0, last) :]
    assert is_unreadable(lambda: rendered(stray[: last + (len(stray) - last) // 2] + END))


def packed_12_bits(value: int) -> bytes:
    pair = (value << 12 | value).to_bytes(3, "big")
    whole = bytearray(tiff(np.zeros((32, 48), np.uint8), photometric="minisblack"))
    depth = whole.index(struct.pack("<HHIH", 258, 3, 1, 8)) + 8
    whole[depth] = 12
    # Each row of 48 bytes is now one of 32 samples.
    width = whole.index(struct.pack("<HHI", 256, 4, 1)) + 8
    whole[width : width + 4] = struct.pack("<I", 32)
    return bytes(whole[: -32 * 48]) + pair * 16 * 32


def test_a_tiff_of_12_bits_is_scaled_to_8() -> None:
    assert picture_of(packed_12_bits(2048))[9, 9] == pytest.approx(128, abs=1)


@pytest.mark.parametrize(
    ("samples", "name"),
    [(np.zeros((32, 32), np.float64), "64-bit TIFF"), (np.zeros((32, 32, 3), np.int64), "64-bit TIFF")],
    ids=["float64", "int64"],
)
def test_a_depth_that_no_decoder_reads_is_named(samples: NDArray[np.generic], name: str) -> None:
    with pytest.raises(ImageRejected) as rejection:
        inspect(tiff(samples), limits=Limits())
    assert (rejection.value.reason, rejection.value.detail) == (ImageFault.UNSUPPORTED_TYPE, {"type": name})


def test_a_compression_that_no_decoder_reads_is_named() -> None:
    whole = tiff(np.zeros((32, 32), np.uint8), photometric="minisblack")
    none = struct.pack("<HHIHH", 259, 3, 1, 1, 0)
    assert none in whole
    with pytest.raises(ImageRejected) as rejection:
        inspect(whole.replace(none, struct.pack("<HHIHH", 259, 3, 1, 34_887, 0)), limits=Limits())
    assert rejection.value.detail == {"type": "TIFF with compression 34887"}


def test_a_progressive_jpeg_whose_second_half_is_overwritten_is_unreadable() -> None:
    whole = WHOLE["progressive"]()
    half = len(whole) // 2
    assert is_unreadable(lambda: rendered(whole[:half] + bytes(len(whole) - half)))
