from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFont
from tests.unit.pictures import encoded

from imagekit.rejection import ImageRejected
from imagekit.watermarks.visible import mark_visibly
from safelight_contracts.watermarks import Watermark, WatermarkPosition

GREY = (120, 120, 120)
Content = dict[str, Any]


def image_of(data: bytes) -> Content:
    return {"file": data, "file_name": "mark.png"}


def text_of(text: str, *, color: str = "#ffffff", font: bytes | None = None) -> Content:
    return {"words": text, "color": color, "file": font}


RED_SQUARE = image_of(encoded(Image.new("RGB", (50, 50), "red"), "PNG"))
CORNERS = [
    WatermarkPosition.TOP_LEFT,
    WatermarkPosition.TOP_RIGHT,
    WatermarkPosition.BOTTOM_LEFT,
    WatermarkPosition.BOTTOM_RIGHT,
]


def laid(content: Content = RED_SQUARE, **how: Any) -> Watermark:
    return Watermark(
        **{**content, "position": WatermarkPosition.CENTRE, "scale": 0.2, "opacity": 1.0, "margin": 0.05, **how}
    )


def grey(width: int = 300, height: int = 200, mode: str = "RGB") -> Image.Image:
    return Image.new("RGB", (width, height), GREY).convert(mode)


def changed_box(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()


@pytest.mark.parametrize(
    ("position", "box"),
    [
        (WatermarkPosition.TOP_LEFT, (10, 10, 50, 50)),
        (WatermarkPosition.TOP_RIGHT, (250, 10, 290, 50)),
        (WatermarkPosition.BOTTOM_LEFT, (10, 150, 50, 190)),
        (WatermarkPosition.BOTTOM_RIGHT, (250, 150, 290, 190)),
        (WatermarkPosition.CENTRE, (130, 80, 170, 120)),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_mark_is_only_at_its_position(position: WatermarkPosition, box: tuple[int, int, int, int], mode: str) -> None:
    marked = mark_visibly(grey(mode=mode), mark=laid(position=position))
    assert marked.mode == mode
    assert changed_box(grey(), marked) == box
    assert marked.convert("RGB").crop(box).getcolors() == [(40 * 40, (255, 0, 0))]


def test_marking_does_not_change_the_original_picture() -> None:
    picture = grey()
    mark_visibly(picture, mark=laid())
    assert picture == grey()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_opacity_lets_the_picture_through(mode: str) -> None:
    marked = mark_visibly(grey(mode=mode), mark=laid(opacity=0.5)).convert("RGB")
    red, green, blue = marked.getpixel((150, 100))  # type: ignore[misc]
    assert red == pytest.approx((255 + 120) / 2, abs=2)
    assert green == blue == pytest.approx(120 / 2, abs=2)


@pytest.mark.parametrize("content", [RED_SQUARE, text_of("© Anna")])
def test_a_mark_looks_the_same_at_every_size(content: Content) -> None:
    boxes = []
    for side in (300, 600, 1500):
        picture = grey(side, side * 2 // 3)
        box = changed_box(picture, mark_visibly(picture, mark=laid(content, position=WatermarkPosition.BOTTOM_RIGHT)))
        assert box is not None
        boxes.append([part / side for part in box])
    for larger in boxes[1:]:
        assert larger == pytest.approx(boxes[0], abs=0.012)


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (900, 100)])
def test_a_mark_keeps_its_aspect_ratio_and_its_maximum_size(width: int, height: int) -> None:
    wide = image_of(encoded(Image.new("RGB", (80, 40), "red"), "PNG"))
    box = changed_box(grey(width, height), mark_visibly(grey(width, height), mark=laid(wide)))
    assert box is not None
    across, down = box[2] - box[0], box[3] - box[1]
    assert across == pytest.approx(2 * down, abs=1)
    assert across <= round(0.2 * width)
    assert down <= round(0.2 * height)
    assert across == round(0.2 * width) or down == round(0.2 * height)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_tiles_cover_the_whole_picture(mode: str) -> None:
    marked = mark_visibly(grey(mode=mode), mark=laid(position=WatermarkPosition.TILED)).convert("RGB")
    for left in range(0, 300, 60):
        for top in range(0, 200, 60):
            part = marked.crop((left, top, left + 60, top + 60))
            assert (255, 0, 0) in {color for _, color in part.getcolors() or []}
    assert GREY in {color for _, color in marked.getcolors() or []}


def test_the_picture_is_visible_through_a_transparent_mark() -> None:
    ring = Image.new("RGBA", (50, 50), (255, 0, 0, 255))
    ring.paste((0, 0, 0, 0), (10, 10, 40, 40))
    marked = mark_visibly(grey(), mark=laid(image_of(encoded(ring, "PNG"))))
    assert marked.getpixel((150, 100)) == GREY
    assert marked.getpixel((132, 82)) == (255, 0, 0)


def test_a_mark_is_visible_on_transparency_and_the_rest_stays_transparent() -> None:
    marked = mark_visibly(Image.new("RGBA", (300, 200)), mark=laid(position=WatermarkPosition.TOP_LEFT))
    assert marked.getpixel((30, 30)) == (255, 0, 0, 255)
    assert marked.getpixel((200, 100)) == (0, 0, 0, 0)


@pytest.mark.parametrize("ground", ["white", "black", "#808080"])
@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#c02020"])
def test_a_text_is_legible_on_light_and_dark(ground: str, color: str) -> None:
    picture = Image.new("RGB", (400, 300), ground)
    marked = mark_visibly(picture, mark=laid(text_of("Anna", color=color), scale=0.5)).convert("L")
    darkest, brightest = marked.getextrema()
    assert isinstance(darkest, int)
    assert isinstance(brightest, int)
    assert brightest - darkest > 100


def test_a_text_is_drawn_in_the_given_font() -> None:
    other = ImageFont.load_default(10)
    assert isinstance(other, ImageFont.FreeTypeFont)
    assert isinstance(other.path, BytesIO)
    assert changed_box(grey(), mark_visibly(grey(), mark=laid(text_of("Anna", font=other.path.getvalue()))))
    with pytest.raises(OSError):  # noqa: PT011 - FreeType's own words
        mark_visibly(grey(), mark=laid(text_of("Anna", font=b"no font")))


def test_an_unreadable_image_cannot_be_a_mark() -> None:
    with pytest.raises(ImageRejected):
        mark_visibly(grey(), mark=laid(image_of(b"no image")))


@settings(max_examples=40)
@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    mode=st.sampled_from(["RGB", "RGBA"]),
    content=st.sampled_from([RED_SQUARE, text_of("© Anna"), text_of(" ")]),
    position=st.sampled_from(WatermarkPosition),
    scale=st.floats(0.05, 1),
    margin=st.floats(0, 0.5),
)
def test_a_picture_of_any_size_can_be_marked(
    width: int,
    height: int,
    mode: str,
    content: Content,
    position: WatermarkPosition,
    scale: float,
    margin: float,
) -> None:
    mark = laid(content, position=position, scale=scale, margin=margin)
    assert mark_visibly(grey(width, height, mode), mark=mark).size == (width, height)
