"""Pictures of which Pillow shows more or less than browsers do: GIF frames, bitmaps without alpha, cut AVIFs."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from tests.unit.heif_files import aperture, with_properties
from tests.unit.pictures import decoded, encoded

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.rendering.animation import decoded_frames
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

RED, GREEN, BLUE = (200, 60, 60, 255), (20, 200, 40, 255), (30, 30, 220, 255)
NOTHING = (0, 0, 0, 0)
KEEP, CLEAR, RESTORE = 1, 2, 3


def shown(data: bytes) -> Image.Image:
    return decode(data, header=inspect(data, limits=Limits())).upright_picture().convert("RGBA")


def gif(*frames: tuple[tuple[int, ...], tuple[int, int, int, int], int], screen: tuple[int, int] = (20, 10)) -> bytes:
    """Make a GIF without a transparent colour; of each frame: its colour, its box on the screen, and its disposal."""
    file = b"GIF89a" + struct.pack("<HH", *screen) + b"\xf0\0\0" + bytes([250, 240, 10, 5, 5, 5])
    for color, (left, top, right, bottom), disposal in frames:
        alone = encoded(Image.new("RGB", (right - left, bottom - top), color[:3]).quantize(2), "GIF")
        palette, start = alone[13 : 13 + 6], alone.index(b",", 13 + 6)
        file += b"\x21\xf9\x04" + bytes([disposal << 2, 10, 0, 0, 0])
        file += struct.pack("<BHHHHB", 0x2C, left, top, right - left, bottom - top, 0x80) + palette
        file += alone[start + 10 : -1]
    return file + b";"


SMALL = gif((RED, (5, 2, 15, 8), KEEP))


def test_what_is_outside_of_a_small_gif_frame_is_transparent() -> None:
    picture = shown(SMALL)
    assert picture.size == (20, 10)
    assert [picture.getpixel(place) for place in [(0, 0), (4, 5), (5, 2), (14, 7), (15, 7), (19, 9)]] == [
        NOTHING,
        NOTHING,
        RED,
        RED,
        NOTHING,
        NOTHING,
    ]


def test_a_gif_frame_that_fills_its_screen_is_opaque() -> None:
    data = gif((RED, (0, 0, 20, 10), KEEP))
    assert decode(data, header=inspect(data, limits=Limits())).upright_picture().mode == "RGB"


def frames_of(data: bytes) -> list[Image.Image]:
    header = inspect(data, limits=Limits())
    return [frame.decoded.upright_picture().convert("RGBA") for frame in decoded_frames(data, header=header)]


@pytest.mark.parametrize(
    ("disposal", "left_by_first"),
    [(0, RED), (KEEP, RED), (CLEAR, NOTHING), (RESTORE, NOTHING), (4, NOTHING)],
)
def test_a_gif_frame_leaves_what_its_disposal_says_on_a_transparent_screen(
    disposal: int, left_by_first: tuple[int, ...]
) -> None:
    first, second = frames_of(gif((RED, (0, 0, 10, 10), disposal), (GREEN, (6, 0, 16, 10), KEEP)))
    places = [(2, 5), (8, 5), (12, 5), (18, 5)]
    assert [first.getpixel(place) for place in places] == [RED, RED, NOTHING, NOTHING]
    assert [second.getpixel(place) for place in places] == [left_by_first, GREEN, GREEN, NOTHING]


def test_a_gif_frame_is_replaced_by_what_was_there_before_it() -> None:
    *_, third = frames_of(
        gif((RED, (0, 0, 20, 10), KEEP), (GREEN, (0, 0, 10, 10), RESTORE), (BLUE, (15, 0, 20, 10), KEEP))
    )
    assert [third.getpixel(place) for place in [(5, 5), (12, 5), (17, 5)]] == [RED, RED, BLUE]


def test_an_animated_rendition_is_transparent_outside_of_small_frames() -> None:
    data = gif((RED, (0, 0, 10, 10), KEEP), (GREEN, (0, 0, 10, 10), KEEP))
    moving = Rendition(name="moving", width=20, height=None, fit=Fit.INSIDE, type=ImageType.WEBP, animated=True)
    (image,) = render(data, header=inspect(data, limits=Limits()), renditions=[moving])
    picture = Image.open(BytesIO(image.data))
    for number in range(2):
        picture.seek(number)
        assert picture.convert("RGBA").getpixel((18, 5)) == NOTHING


def test_a_gif_frame_whose_own_colors_are_a_grey_ramp_is_grey() -> None:
    data = encoded(Image.frombytes("L", (256, 1), bytes(range(256))), "GIF")
    colors, start = data[13 : 13 + 768], data.index(b",", 13 + 768)
    mixed = data[:13] + bytes(768) + data[13 + 768 : start + 9] + b"\x87" + colors + data[start + 10 :]
    assert shown(mixed).getpixel((99, 0)) == (99, 99, 99, 255)


def bitmap(alpha: int, *, masks: tuple[int, int, int, int]) -> bytes:
    """Make a bitmap of 32 bits with the masks of its red, green, blue and alpha."""
    pixels = bytes([40, 200, 20, alpha]) * 64
    head = struct.pack("<IiiHHIIiiII4I", 56, 8, 8, 1, 32, 3, len(pixels), 0, 0, 0, 0, *masks)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(pixels), 0, 0, 14 + len(head)) + head + pixels


COLORS = (0xFF0000, 0xFF00, 0xFF)


@pytest.mark.parametrize(
    ("alpha", "masks", "expected"),
    [
        (0, (*COLORS, 0xFF000000), (20, 200, 40, 255)),
        (128, (*COLORS, 0xFF000000), (20, 200, 40, 128)),
        (128, (*COLORS, 0), (20, 200, 40, 255)),
        (128, (0, 0, 0, 0), (20, 200, 40, 255)),
        (0, (0, 0, 0, 0), (20, 200, 40, 255)),
    ],
    ids=["all zero", "alpha", "mask of alpha zero", "all masks zero", "everything zero"],
)
def test_a_bitmap_is_transparent_only_if_its_alpha_is_used(
    alpha: int, masks: tuple[int, int, int, int], expected: tuple[int, ...]
) -> None:
    assert shown(bitmap(alpha, masks=masks)).getpixel((4, 4)) == expected


def avif(*properties: tuple[bytes, bytes]) -> bytes:
    picture = Image.new("RGB", (64, 48), RED[:3])
    picture.paste(GREEN[:3], (16, 8, 48, 40))
    picture.paste(BLUE[:3], (16, 8, 32, 24))
    return with_properties(encoded(picture, "AVIF", quality=95, subsampling="4:4:4"), properties)


def colors_of_corners(picture: Image.Image) -> list[tuple[int, ...]]:
    width, height = picture.size
    places = [(2, 2), (width - 3, 2), (2, height - 3), (width - 3, height - 3)]
    pixels = [np.asarray(picture)[y, x].astype(int) for x, y in places]
    colors = (RED, GREEN, BLUE)
    return [min(colors, key=lambda one: int(np.abs(one - pixel).sum())) for pixel in pixels]


def test_an_avif_is_cut_to_its_clean_aperture() -> None:
    picture = shown(avif(aperture(32, 32)))
    assert (picture.size, colors_of_corners(picture)) == ((32, 32), [BLUE, GREEN, GREEN, GREEN])


def test_an_avif_is_cut_before_it_is_turned() -> None:
    picture = shown(avif(aperture(32, 16, top=-8), (b"irot", b"\1")))
    assert (picture.size, colors_of_corners(picture)) == ((16, 32), [GREEN, GREEN, BLUE, BLUE])


def test_an_avif_whose_aperture_is_invalid_is_shown_whole() -> None:
    assert shown(avif(aperture(33, 32))).size == (64, 48)


def test_a_rendition_contains_nothing_of_what_an_aperture_hides() -> None:
    data = avif(aperture(32, 32))
    whole = Rendition(name="whole", width=64, height=None, fit=Fit.INSIDE, type=ImageType.PNG)
    (image,) = render(data, header=inspect(data, limits=Limits()), renditions=[whole])
    assert decoded(image.data).size == (32, 32)
