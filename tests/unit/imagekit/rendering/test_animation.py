import struct
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.unit.pictures import CORNERS, corners_of, decoded, encoded, four_corners, photograph

import imagekit.rendering.animation
from imagekit.decoding.limits import inspect
from imagekit.formats.registry import recognise
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.rendering.render import render
from imagekit.rendering.rendition import RenderedImage
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

MOVING = Rendition(name="moving", width=60, height=None, fit=Fit.INSIDE, type=ImageType.WEBP, animated=True)
STILL = Rendition(name="still", width=60, height=None, fit=Fit.INSIDE, type=ImageType.WEBP)
COLORS = [(220, 30, 30), (30, 180, 30), (30, 30, 220)]
ANIMATED = ["GIF", "WEBP"]


def animation(image_type: str, **options: Any) -> bytes:
    first, *others = [Image.new("RGB", (120, 80), color) for color in COLORS]
    return encoded(first, image_type, **{"save_all": True, "append_images": others, "duration": 200} | options)


def rendered(file: bytes, *renditions: Rendition) -> list[RenderedImage]:
    return render(file, header=inspect(file, limits=Limits()), renditions=renditions)


def shown(file: bytes) -> list[tuple[Any, int]]:
    """List the colour of each frame's middle, and its milliseconds."""
    picture = Image.open(BytesIO(file))
    frames = []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        picture.load()
        frames.append((picture.convert("RGB").getpixel((30, 20)), picture.info.get("duration", 0)))
    return frames


@pytest.mark.parametrize("image_type", ANIMATED)
def test_every_frame_is_kept_with_its_time(image_type: str) -> None:
    (image,) = rendered(animation(image_type, duration=[100, 200, 300], loop=0), MOVING)
    assert recognise(image.data) is ImageType.WEBP
    assert (image.width, image.height) == decoded(image.data).size == (60, 40)
    frames = shown(image.data)
    assert [milliseconds for _, milliseconds in frames] == [100, 200, 300]
    for (color, _), expected in zip(frames, COLORS, strict=True):
        assert max(abs(a - b) for a, b in zip(color, expected, strict=True)) < 12


@pytest.mark.parametrize(
    ("image_type", "options", "plays"),
    [
        ("GIF", {"loop": 0}, 0),
        ("GIF", {"loop": 2}, 3),
        ("GIF", {}, 1),
        ("GIF", {"loop": 65_535}, 65_535),
        ("WEBP", {"loop": 0}, 0),
        ("WEBP", {"loop": 3}, 3),
    ],
)
def test_it_is_played_as_often(image_type: str, options: dict[str, int], plays: int) -> None:
    (image,) = rendered(animation(image_type, **options), MOVING)
    assert Image.open(BytesIO(image.data)).info["loop"] == plays


@pytest.mark.parametrize("image_type", ANIMATED)
def test_a_still_rendition_next_to_an_animated_one_shows_the_first_frame(image_type: str) -> None:
    still, moving = rendered(animation(image_type), STILL, MOVING)
    assert len(shown(still.data)) == 1
    assert len(shown(moving.data)) == len(COLORS)


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "AVIF", "BMP"])
def test_an_image_without_an_animation_is_the_same_as_ever(image_type: str) -> None:
    moving, still = rendered(encoded(four_corners(120, 80), image_type), MOVING, STILL)
    assert moving.data == still.data


def test_transparent_frames_stay_transparent() -> None:
    frames = [Image.new("RGBA", (60, 40), (*color, 0)) for color in COLORS]
    for number, frame in enumerate(frames):
        frame.paste((*COLORS[number], 255), (0, 0, 20, 40))
    file = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    picture = Image.open(BytesIO(rendered(file, MOVING)[0].data))
    for number in range(3):
        picture.seek(number)
        alpha = picture.convert("RGBA").getchannel("A")
        assert alpha.getpixel((5, 20)) == 255
        assert alpha.getpixel((50, 20)) == 0


def test_frames_are_upright() -> None:
    stored = photograph(width=120, height=80, orientation=6, image_type="PNG")
    first = decoded(stored)
    blue = Image.new("RGB", first.size, "blue")
    file = encoded(first, "WEBP", save_all=True, append_images=[blue], duration=100, exif=first.getexif())
    (image,) = rendered(file, MOVING)
    assert (image.width, image.height) == (60, 40)
    assert corners_of(decoded(image.data)) == {corner: corner for corner in CORNERS}


def test_frames_are_padded() -> None:
    square = Rendition(
        name="a", width=60, height=60, fit=Fit.CONTAIN, type=ImageType.WEBP, animated=True, background="#ffffff00"
    )
    picture = Image.open(BytesIO(rendered(animation("GIF"), square)[0].data))
    assert picture.size == (60, 60)
    for number in range(3):
        picture.seek(number)
        assert picture.convert("RGBA").getpixel((30, 4))[3] == 0  # type: ignore[index]


def test_no_metadata_is_left() -> None:
    data = rendered(animation("GIF", comment=b"SECRET"), MOVING)[0].data
    assert b"SECRET" not in data
    assert not {b"EXIF", b"XMP ", b"ICCP"} & {data[at : at + 4] for at in range(len(data))}


@pytest.mark.parametrize(
    ("limit", "most"), [("MAX_DECODED_PIXELS", 120 * 80 * 3 - 1), ("MAX_WRITTEN_PIXELS", 60 * 40 * 3 - 1)]
)
def test_too_many_pixels_in_all_frames_are_rejected(limit: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagekit.rendering.animation, limit, most)
    with pytest.raises(ImageRejected) as rejection:
        rendered(animation("GIF"), MOVING)
    assert rejection.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert rejection.value.detail == {"frames": 3, "pixelsOfAllFrames": most + 1, "maxPixelsOfAllFrames": most}


def test_a_later_frame_larger_than_the_first_is_rejected_before_decoding() -> None:
    file = bytearray(animation("GIF"))
    second = file.index(b"\x2c", file.index(b"\x2c\0\0\0\0") + 1)
    while file[second + 1 : second + 5] != bytes(4):
        second = file.index(b"\x2c", second + 1)
    file[second + 5 : second + 9] = struct.pack("<HH", 65_535, 65_535)
    with pytest.raises(ImageRejected) as rejection:
        rendered(bytes(file), MOVING)
    assert rejection.value.detail == {"problem": "a GIF with a frame larger than the first"}


@pytest.mark.parametrize("image_type", ANIMATED)
def test_a_truncated_animation_is_rejected_or_ends_early(image_type: str) -> None:
    noise = [Image.effect_noise((60, 40), 90).convert("RGB") for _ in range(4)]
    file = encoded(noise[0], image_type, save_all=True, append_images=noise[1:], duration=100)
    for length in range(100, len(file), len(file) // 50):
        try:
            rendered(file[:length], MOVING)
        except ImageRejected as rejected:
            reason = rejected.reason
        else:
            continue
        assert reason is ImageFault.UNREADABLE_IMAGE


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ANIMATED),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=12),
)
def test_a_corrupt_animation_gives_a_rendition_or_a_rejection(image_type: str, flips: list[tuple[int, int]]) -> None:
    data = bytearray(animation(image_type))
    for at, value in flips:
        data[at % len(data)] ^= value
    try:
        rendered(bytes(data), MOVING)
    except ImageRejected as rejection:
        reason = rejection.reason
    else:
        return
    assert reason in ImageFault
