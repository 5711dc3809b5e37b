"""An analysis image shows an image on every background, and its animation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from tests.unit.pictures import CORNERS, corners_of, decoded, encoded, four_corners

from imagekit.decoding.limits import inspect
from imagekit.rejection import ImageRejected
from imagekit.rendering.analysis import MIN_TILE_SIDE, prepare_analysis_image
from imagekit.rendering.animation import display_times
from imagekit.rendering.frames import spread
from imagekit.rendering.prepared_image import MAX_ANALYSIS_SIDE
from imagekit.tiles import ONE_TILE, Tiles
from safelight_contracts.limits import Limits
from safelight_contracts.presentation import Presentation

WHITE, BLACK = "#ffffff", "#000000"
LIGHT_AND_DARK = Presentation(backgrounds=(WHITE, BLACK))
MOVING = Presentation(backgrounds=(WHITE, BLACK), animated=True)
NINE = Presentation(backgrounds=tuple(f"#{level:02x}{255 - level:02x}00" for level in range(0, 255, 29)))
IN_PLACE = {corner: corner for corner in CORNERS}


def tiles_of(data: bytes, presentation: Presentation) -> tuple[list[Image.Image], Tiles]:
    prepared = prepare_analysis_image(data, header=inspect(data, limits=Limits()), presentation=presentation)
    sheet = decoded(prepared.data).convert("RGB")
    assert max(sheet.size) <= MAX_ANALYSIS_SIDE
    width, height = sheet.width // prepared.tiles.columns, sheet.height // prepared.tiles.rows
    tiles = [
        sheet.crop((column * width, row * height, (column + 1) * width, (row + 1) * height))
        for row in range(prepared.tiles.rows)
        for column in range(prepared.tiles.columns)
    ]
    return tiles, prepared.tiles


def white_on_transparent(width: int = 1000, height: int = 1000) -> Image.Image:
    picture = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    box = (width * 3 // 10, height * 3 // 10, width * 7 // 10, height * 7 // 10)
    ImageDraw.Draw(picture).rectangle(box, fill=(255, 255, 255, 255))
    return picture


def brightness(picture: Image.Image, *, x: float, y: float) -> float:
    level = picture.convert("L").getpixel((int(x * picture.width), int(y * picture.height)))
    assert isinstance(level, int | float)
    return level


def animation(frames: list[Image.Image], image_type: str = "WEBP") -> bytes:
    options = {"lossless": True} if image_type == "WEBP" else {"disposal": 2}
    return encoded(frames[0], image_type, save_all=True, append_images=frames[1:], duration=100, loop=0, **options)


def shades(number: int, *, size: tuple[int, int] = (300, 200)) -> list[Image.Image]:
    """Make frames that are a little brighter each."""
    return [
        Image.new("RGB", size, (level := 20 + 200 * frame // (number - 1), level, level)) for frame in range(number)
    ]


def test_white_on_transparency_is_visible_on_a_dark_background() -> None:
    (on_white, on_black), tiles = tiles_of(encoded(white_on_transparent(), "PNG"), LIGHT_AND_DARK)
    assert tiles == Tiles(columns=2, rows=1)
    assert brightness(on_white, x=0.1, y=0.1) > 250
    assert brightness(on_black, x=0.1, y=0.1) < 5
    assert brightness(on_black, x=0.5, y=0.5) > 250


def test_each_background_of_a_rendition_has_a_tile() -> None:
    tiles, grid = tiles_of(encoded(Image.new("RGBA", (400, 300)), "PNG"), NINE)
    assert grid == Tiles(columns=3, rows=3)
    for tile, background in zip(tiles, NINE.backgrounds, strict=True):
        found = tile.getpixel((tile.width // 2, tile.height // 2))
        expected = tuple(bytes.fromhex(background[1:]))
        assert isinstance(found, tuple)
        assert max(abs(one - other) for one, other in zip(found, expected, strict=True)) <= 6


@pytest.mark.parametrize("image_type", ["PNG", "WEBP", "AVIF", "GIF"])
def test_only_an_image_with_something_transparent_has_tiles(image_type: str) -> None:
    opaque = four_corners(400, 300).convert("RGBA")
    ((tile,), grid) = tiles_of(encoded(opaque, image_type), NINE)
    assert (grid, tile.size) == (ONE_TILE, (400, 300))
    see_through = opaque.copy()
    see_through.putpixel((7, 7), (0, 0, 0, 0))
    assert tiles_of(encoded(see_through, image_type), LIGHT_AND_DARK)[1] == Tiles(columns=2, rows=1)


def test_the_only_background_is_shown_without_tiles() -> None:
    ((tile,), grid) = tiles_of(encoded(white_on_transparent(400, 300), "PNG"), Presentation(backgrounds=(BLACK,)))
    assert grid == ONE_TILE
    assert brightness(tile, x=0.1, y=0.1) < 5


@settings(max_examples=25, deadline=None)
@given(sides=st.tuples(st.integers(1, 400), st.integers(1, 400)), backgrounds=st.integers(2, 9))
def test_the_longer_side_of_a_tile_has_at_least_640_pixels(sides: tuple[int, int], backgrounds: int) -> None:
    if max(sides) > 3 * min(sides):
        return
    presentation = Presentation(backgrounds=NINE.backgrounds[:backgrounds])
    tiles, _ = tiles_of(encoded(Image.new("RGBA", sides), "PNG"), presentation)
    assert all(max(tile.size) >= MIN_TILE_SIDE for tile in tiles)


@pytest.mark.parametrize("image_type", ["GIF", "WEBP"])
def test_nine_frames_of_a_published_animation_are_shown(image_type: str) -> None:
    tiles, grid = tiles_of(animation(shades(33), image_type), MOVING)
    assert grid == Tiles(columns=3, rows=3)
    levels = [brightness(tile, x=0.5, y=0.5) for tile in tiles]
    assert levels == sorted(levels)
    assert (round(levels[0] / 20), round(levels[-1] / 20)) == (1, 11)


def timed(frames: list[Image.Image], image_type: str, milliseconds: list[int]) -> bytes:
    options = {"lossless": True} if image_type == "WEBP" else {"disposal": 2}
    return encoded(frames[0], image_type, save_all=True, append_images=frames[1:], duration=milliseconds, **options)


@pytest.mark.parametrize("image_type", ["GIF", "WEBP"])
@pytest.mark.parametrize("number", range(20))
def test_the_frame_that_an_animation_shows_longest_is_checked(number: int, image_type: str) -> None:
    frames = [Image.new("RGB", (60, 40), (200, 200, 200 + shade)) for shade in range(20)]
    frames[number] = Image.new("RGB", (60, 40), "black")
    times = [60_000 if frame == number else 10 for frame in range(20)]
    tiles, _ = tiles_of(timed(frames, image_type, times), MOVING)
    assert sum(brightness(tile, x=0.5, y=0.5) < 60 for tile in tiles) == 1


TIMES = st.lists(st.integers(1, 60_000), min_size=1, max_size=60)


@given(milliseconds=TIMES, most=st.integers(2, 9), data=st.data())
def test_content_shown_for_a_share_of_the_play_time_is_in_a_frame(
    milliseconds: list[int], most: int, data: st.DataObject
) -> None:
    chosen = spread(milliseconds, most=most)
    assert (chosen[0], chosen[-1], len(chosen)) == (0, len(milliseconds) - 1, min(most, len(milliseconds)))
    assert chosen == sorted(set(chosen))
    start = data.draw(st.integers(0, len(milliseconds) - 1))
    end = data.draw(st.integers(start + 1, len(milliseconds)))
    if (most - 1) * sum(milliseconds[start:end]) >= sum(milliseconds):
        assert set(chosen) & set(range(start, end))


def test_a_frame_too_short_for_browsers_counts_as_long_as_they_show_it() -> None:
    times = [20, 10, 0, 11, 100_000]
    data = timed(shades(5, size=(30, 20)), "WEBP", times)
    assert display_times(data, header=inspect(data, limits=Limits())) == [20, 100, 100, 11, 60_000]


@pytest.mark.parametrize("animated", [False, True])
def test_an_image_is_shown_on_no_more_backgrounds_than_there_are_tiles_for(*, animated: bool) -> None:
    most = 4 if animated else 9
    colors = tuple(f"#0000{level:02x}" for level in range(10))
    assert len(Presentation(backgrounds=colors[:most], animated=animated).backgrounds) == most
    for wrong in (colors[: most + 1], ()):
        with pytest.raises(ValueError, match=f"1 to {most}"):
            Presentation(backgrounds=wrong, animated=animated)


def test_all_frames_of_a_short_animation_are_shown() -> None:
    tiles, grid = tiles_of(animation(shades(2)), MOVING)
    assert grid == Tiles(columns=2, rows=1)
    assert brightness(tiles[0], x=0.5, y=0.5) < 40 < 200 < brightness(tiles[1], x=0.5, y=0.5)


def test_the_first_frame_of_an_unpublished_animation_is_shown() -> None:
    ((tile,), grid) = tiles_of(animation(shades(5)), LIGHT_AND_DARK)
    assert grid == ONE_TILE
    assert brightness(tile, x=0.5, y=0.5) < 40


def test_a_transparent_animation_shows_its_first_and_last_frame_on_each_background() -> None:
    frames = [
        white_on_transparent(300, 200),
        *shades(6),
        white_on_transparent(300, 200).transpose(Image.Transpose.ROTATE_180),
    ]
    tiles, grid = tiles_of(animation([frame.convert("RGBA") for frame in frames]), MOVING)
    assert grid == Tiles(columns=3, rows=3)
    light, dark = tiles[:4], tiles[4:8]
    for on_white, on_black in ((light[0], dark[0]), (light[3], dark[3])):
        assert brightness(on_white, x=0.1, y=0.1) > 250
        assert brightness(on_black, x=0.1, y=0.1) < 5
        assert brightness(on_black, x=0.5, y=0.5) > 250


def test_each_tile_of_a_long_image_is_a_contact_sheet() -> None:
    long = Image.new("RGBA", (1600, 200), (255, 255, 255, 0))
    tiles, grid = tiles_of(encoded(long, "PNG"), LIGHT_AND_DARK)
    assert grid == Tiles(columns=2, rows=1)
    # Fifteen squares in four columns and rows, the last place of which is white on any background.
    assert tiles[1].size == (960, 960)
    assert [brightness(tile, x=0.1, y=0.1) > 128 for tile in tiles] == [True, False]
    assert brightness(tiles[1], x=0.9, y=0.9) > 250


def test_four_frames_of_a_long_animation_are_shown() -> None:
    assert tiles_of(animation(shades(20, size=(800, 100))), MOVING)[1] == Tiles(columns=2, rows=2)


@pytest.mark.parametrize(("backgrounds", "most"), [(2, 16), (4, 16), (5, 8), (9, 8)])
def test_a_long_image_on_many_backgrounds_may_be_half_as_long(backgrounds: int, most: int) -> None:
    presentation = Presentation(backgrounds=NINE.backgrounds[:backgrounds])
    tiles_of(encoded(Image.new("RGBA", (most * 100, 100)), "PNG"), presentation)
    with pytest.raises(ImageRejected) as rejection:
        tiles_of(encoded(Image.new("RGBA", (most * 100 + 1, 100)), "PNG"), presentation)
    assert rejection.value.detail["maxAspectRatio"] == most


def test_a_transparent_picture_is_upright_in_every_tile() -> None:
    picture = four_corners(240, 160).convert("RGBA")
    picture.putpixel((120, 80), (0, 0, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(picture.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    tiles, _ = tiles_of(data, LIGHT_AND_DARK)
    assert [corners_of(tile) for tile in tiles] == [IN_PLACE] * 2
