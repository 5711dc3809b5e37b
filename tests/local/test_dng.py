from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rawpy
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.local.command_line import safelight
from tests.local.raspberry_pi import (
    CAMERA_BLOCKS,
    HEIGHT,
    MAKER_NOTE,
    NEUTRAL,
    PATTERNS,
    SCENE,
    TO_SRGB,
    WIDTH,
    CameraBlock,
    jpeg,
    raw_block,
    seen_by_sensor,
)

from imagekit.decoding.development import develop
from imagekit.decoding.limits import inspect
from imagekit.geometry import Size
from safelight_contracts.development import Development, DevelopmentMethod, WhiteBalance
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_local import dng
from safelight_local.dng import convert
from safelight_local.errors import UserError

SIZE = Size(width=WIDTH, height=HEIGHT)
WITHOUT_WHITE = MAKER_NOTE.replace(b"gain", b"loss")
WITHOUT_MATRIX = MAKER_NOTE.replace(b"ccm", b"mcc")


def patches_of(data: bytes, *, white_balance: WhiteBalance = WhiteBalance.CAMERA) -> np.ndarray:
    how = Development(method=DevelopmentMethod.FULL, brightness=1.0, white_balance=white_balance)
    pixels = np.asarray(develop(data, size=SIZE, development=how), dtype=np.int64)
    return pixels[HEIGHT // 4 :: HEIGHT // 2, WIDTH // 6 :: WIDTH // 3].reshape(6, 3)


@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize(("bits", "model"), [(10, "RP_imx219"), (12, "RP_imx477")])
def test_each_sample_comes_through_as_the_sensor_gave_it(bits: int, model: str, order: int) -> None:
    converted = convert(jpeg(model=model) + raw_block(bits=bits, order=order)).dng
    samples = tifffile.imread(BytesIO(converted))
    assert np.array_equal(samples, seen_by_sensor(bits=bits, order=order))
    with rawpy.imread(BytesIO(converted)) as raw:
        assert np.array_equal(raw.raw_image, samples)
        colors = [
            raw.raw_color(row, column) % 2 + (raw.raw_color(row, column) == 2) * 2 for row, column in np.ndindex(2, 2)
        ]
        assert tuple(colors) == PATTERNS[order]


@pytest.mark.parametrize("bits", [10, 12])
def test_libraw_unpacks_the_same_block_to_the_same_samples(bits: int) -> None:
    block = raw_block(bits=bits)
    model = {10: "RP_imx219", 12: "RP_imx477"}[bits]
    with rawpy.imread(BytesIO(block)) as theirs, rawpy.imread(BytesIO(convert(jpeg(model=model) + block).dng)) as ours:
        assert np.array_equal(theirs.raw_image, ours.raw_image)
        colors = [[raw.raw_color(*at) for at in np.ndindex(2, 2)] for raw in (theirs, ours)]
        assert colors[0] == colors[1]


@pytest.mark.parametrize("camera", CAMERA_BLOCKS, ids=lambda camera: camera.model)
def test_libraw_finds_the_same_samples_and_white_in_a_file_as_long_as_the_cameras_own(camera: CameraBlock) -> None:
    # LibRaw finds the block by its length, and reads the maker note itself.
    data = jpeg(model=camera.model) + camera.of_noise()
    with rawpy.imread(BytesIO(data)) as theirs, rawpy.imread(BytesIO(convert(data).dng)) as ours:
        assert ours.raw_image.shape == (camera.height, camera.width)
        assert np.array_equal(theirs.raw_image[: camera.height, : camera.width], ours.raw_image)
        assert theirs.camera_whitebalance[:3] == pytest.approx(ours.camera_whitebalance[:3], abs=0.001)
        assert theirs.white_level == ours.white_level
        assert np.abs(np.subtract(theirs.black_level_per_channel, ours.black_level_per_channel)).max() <= 2


def test_white_and_colour_matrix_are_those_of_the_maker_note() -> None:
    converted = convert(jpeg() + raw_block())
    assert converted.white_balance is dng.WhiteBalance.MAKER_NOTE
    with rawpy.imread(BytesIO(converted.dng)) as raw:
        assert raw.camera_whitebalance[:3] == pytest.approx(list(1 / NEUTRAL), abs=0.001)
        assert raw.color_matrix[:, :3] == pytest.approx(TO_SRGB, abs=0.002)
        assert (raw.white_level, raw.black_level_per_channel) == (1023, [64, 64, 64, 64])


def test_a_scene_keeps_its_known_colours() -> None:
    assert np.abs(patches_of(convert(jpeg() + raw_block()).dng) - SCENE).max() <= 6


@pytest.mark.parametrize(
    "note", [WITHOUT_WHITE, b"", b"\xff\xfe\x00gain_r=0 gain_b=99", b"gain_r=1e9 gain_b=-2 ccm=1,2,3"]
)
def test_without_white_balance_in_the_maker_note_grey_world_is_used(note: bytes) -> None:
    converted = convert(jpeg(note=note) + raw_block())
    assert converted.white_balance is dng.WhiteBalance.GREY_WORLD
    average = patches_of(converted.dng).mean(axis=0)
    assert average.max() - average.min() < 25


@pytest.mark.parametrize("note", [MAKER_NOTE, WITHOUT_WHITE, WITHOUT_MATRIX, b""])
def test_a_grey_picture_is_not_green(note: bytes) -> None:
    for red, green, blue in patches_of(convert(jpeg(note=note) + raw_block()).dng)[3:5]:
        assert abs(green - (red + blue) / 2) <= 12


def test_the_block_is_developed_green_without_white_balance() -> None:
    with rawpy.imread(BytesIO(raw_block())) as raw:
        pixels = raw.postprocess(user_wb=[1, 1, 1, 1], user_black=64, no_auto_bright=True)
    red, green, blue = (int(one) for one in pixels[3 * HEIGHT // 4, WIDTH // 6])
    assert green - (red + blue) / 2 > 25


def test_an_impossible_matrix_is_ignored() -> None:
    note = MAKER_NOTE.replace(b"6096,-1964,-30,-1274,5632,-258", b"1,1,1,1,1,1")
    assert np.array_equal(
        tag_of(convert(jpeg(note=note) + raw_block()).dng, 50721),
        tag_of(convert(jpeg(note=WITHOUT_MATRIX) + raw_block()).dng, 50721),
    )


def tag_of(data: bytes, number: int) -> Any:
    with tifffile.TiffFile(BytesIO(data)) as file:
        return file.pages.first.tags[number].value


def test_the_dng_is_camera_raw_with_the_orientation_of_the_jpeg() -> None:
    header = inspect(convert(jpeg(orientation=6) + raw_block()).dng, limits=Limits())
    assert (header.type, header.width, header.height, header.orientation) == (ImageType.RAW, HEIGHT, WIDTH, 6)


def test_time_and_exposure_are_copied() -> None:
    data = convert(jpeg() + raw_block()).dng
    assert tag_of(data, 36867) == "2020:10:01 14:55:00"
    assert tag_of(data, 33434) == (1000, 100_000)
    assert tag_of(data, 34855) == 100
    assert tag_of(data, 50708) == "Raspberry Pi Camera Module 2 (IMX219)"


@pytest.mark.parametrize("between", [b"", b"\0" * 100, b"BRCM", b"BRCM" + bytes(400), b"@"])
def test_the_raw_data_is_found_anywhere_after_the_jpeg(between: bytes) -> None:
    samples = tifffile.imread(BytesIO(convert(jpeg() + between + raw_block()).dng))
    assert np.array_equal(samples, seen_by_sensor())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a JPEG"),
        (b"a text", "not a JPEG"),
        (jpeg(), "the JPEG has no Raspberry Pi raw data appended"),
        (jpeg() + b"BRCM", "the JPEG has no Raspberry Pi raw data appended"),
        (jpeg() + raw_block()[:-1], "truncated"),
        (jpeg(model="RP_other") + raw_block(), "unknown camera (other). Supported: ov5647, imx219, imx477"),
        (jpeg(model=None) + raw_block(), "unknown camera (no name)"),
    ],
)
def test_an_unconvertible_file_is_reported(data: bytes, says: str) -> None:
    with pytest.raises(UserError) as error:
        convert(data)
    assert says in str(error.value)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 255)), max_size=4),
    st.lists(st.tuples(st.integers(0, 260), st.integers(1, 255)), max_size=4),
    st.integers(0, 40_000),
)
def test_broken_bytes_give_a_dng_or_a_user_error(
    in_jpeg: list[tuple[int, int]], in_header: list[tuple[int, int]], cut: int
) -> None:
    photograph, block = bytearray(jpeg()), bytearray(raw_block())
    for part, flips in ((photograph, in_jpeg), (block, in_header)):
        for at, value in flips:
            part[at % len(part)] ^= value
    try:
        converted = convert(bytes(photograph + block[: len(block) - cut]))
    except UserError:
        return
    assert tifffile.imread(BytesIO(converted.dng)).shape == (converted.height, converted.width)


def test_the_command_writes_the_dng_next_to_the_file_and_names_the_white_balance(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg() + raw_block())
    done = safelight(tmp_path, "dng", "photo.jpg")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "photo.dng: 216 x 128, Raspberry Pi Camera Module 2 (IMX219), white from the camera's maker note\n"
    )
    assert np.array_equal(tifffile.imread(tmp_path / "photo.dng"), seen_by_sensor())


def test_the_command_writes_to_the_given_output(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg(note=b"") + raw_block())
    done = safelight(tmp_path, "dng", "photo.jpg", "-o", "other.dng")
    assert done.returncode == 0, done
    assert "white from the average of the picture (grey world)" in done.stdout
    assert (tmp_path / "other.dng").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.jpg"], "none.jpg cannot be read (No such file or directory)"),
        (["plain.jpg"], "plain.jpg: the JPEG has no Raspberry Pi raw data appended"),
        (["photo.jpg"], "photo.dng exists already: choose another name with -o"),
        (["photo.jpg", "-o", "none/photo.dng"], "none/photo.dng cannot be written (No such file or directory)"),
        (["photo.jpg", "-o", "photo.jpg"], "photo.jpg exists already"),
        (["large.jpg"], "large.jpg is over 100 MB"),
    ],
)
def test_user_errors_are_reported_in_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg() + raw_block())
    (tmp_path / "photo.dng").write_bytes(b"of the user")
    Image.new("RGB", (8, 8)).save(tmp_path / "plain.jpg")
    with (tmp_path / "large.jpg").open("wb") as large:
        large.truncate(dng.MAX_BYTES + 1)
    done = safelight(tmp_path, "dng", *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done
    assert says in done.stderr
    assert (tmp_path / "photo.dng").read_bytes() == b"of the user"
