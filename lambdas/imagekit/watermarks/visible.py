"""The visible mark: draw a text or an image on a picture, in a size relative to the picture's."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.geometry import Size
from safelight_contracts.limits import Limits
from safelight_contracts.presentation import WHITE
from safelight_contracts.watermarks import Watermark, WatermarkPosition

# The font size, in pixels, at which a text is measured.
_MEASURED_AT = 100.0
# The width of a text's outline, as a fraction of its font size.
_OUTLINE = 1 / 16
# A text at least this bright (of 255) gets a black outline. A darker text gets a white one.
_MIDDLE = 128


def mark_visibly(picture: Image.Image, *, mark: Watermark) -> Image.Image:
    """Draw a mark on a picture.

    `picture`: in mode RGB or RGBA, upright. The picture itself is not changed.

    Returns a picture of the same mode. The mark is also visible where the picture is transparent. Raises ImageRejected
    if the mark is an image that cannot be read. Raises OSError if the mark's font cannot be read.
    """
    room = Size(width=max(1, round(mark.scale * picture.width)), height=max(1, round(mark.scale * picture.height)))
    drawn = _draw(mark, room=room)
    drawn.putalpha(drawn.getchannel("A").point(lambda alpha: alpha * mark.opacity))
    margin = round(mark.margin * min(picture.size))
    marked = picture.copy()
    for left, top in _places(mark.position, picture=picture.size, drawn=drawn.size, margin=margin):
        _lay(drawn, on=marked, left=left, top=top)
    return marked


def _places(
    position: WatermarkPosition, *, picture: tuple[int, int], drawn: tuple[int, int], margin: int
) -> list[tuple[int, int]]:
    right, bottom = picture[0] - drawn[0] - margin, picture[1] - drawn[1] - margin
    match position:
        case WatermarkPosition.TOP_LEFT:
            return [(margin, margin)]
        case WatermarkPosition.TOP_RIGHT:
            return [(right, margin)]
        case WatermarkPosition.BOTTOM_LEFT:
            return [(margin, bottom)]
        case WatermarkPosition.BOTTOM_RIGHT:
            return [(right, bottom)]
        case WatermarkPosition.CENTRE:
            return [((picture[0] - drawn[0]) // 2, (picture[1] - drawn[1]) // 2)]
        case WatermarkPosition.TILED:
            across, down = drawn[0] + margin, drawn[1] + margin
            return [
                (left - (across // 2 if row % 2 else 0), top)
                for row, top in enumerate(range(0, picture[1], down))
                for left in range(0, picture[0] + across, across)
            ]


def _lay(drawn: Image.Image, *, on: Image.Image, left: int, top: int) -> None:
    if on.mode == "RGB":
        on.paste(drawn, (left, top), mask=drawn)
        return
    # Cut what extends beyond the left or upper edge: `alpha_composite` does not accept a negative position.
    cut = (max(0, -left), max(0, -top))
    if cut[0] < drawn.width and cut[1] < drawn.height:
        on.alpha_composite(drawn, dest=(max(0, left), max(0, top)), source=cut)


def _draw(mark: Watermark, *, room: Size) -> Image.Image:
    if mark.words is not None:
        return _draw_text(mark.words, color=mark.color or WHITE, font=mark.file, room=room)
    if mark.file is None:
        raise ValueError(f"the watermark's image {mark.file_name} has not been read")
    image = _decoded(mark.file)
    scale = min(room.width / image.width, room.height / image.height)
    size = (max(1, round(scale * image.width)), max(1, round(scale * image.height)))
    return image.resize(size, Image.Resampling.LANCZOS)


@lru_cache(maxsize=4)
def _decoded(data: bytes) -> Image.Image:
    header = inspect(data, limits=Limits())
    return decode(data, header=header).upright_picture().convert("RGBA")


def _draw_text(text: str, *, color: str, font: bytes | None, room: Size) -> Image.Image:
    measured = _font(font, size=_MEASURED_AT)
    left, top, right, bottom = measured.getbbox(text, stroke_width=_MEASURED_AT * _OUTLINE)
    size = max(1.0, _MEASURED_AT * min(room.width / max(1, right - left), room.height / max(1, bottom - top)))
    sized, outline = _font(font, size=size), size * _OUTLINE
    left, top, right, bottom = (round(side) for side in sized.getbbox(text, stroke_width=outline))
    letters, outlined = (Image.new("L", (max(1, right - left), max(1, bottom - top))) for _ in range(2))
    ImageDraw.Draw(letters).text((-left, -top), text, fill=255, font=sized)
    ImageDraw.Draw(outlined).text((-left, -top), text, fill=255, font=sized, stroke_width=outline)
    red, green, blue = ImageColor.getrgb(color)[:3]
    # This is the luma of ITU-R BT.601.
    is_bright = 0.299 * red + 0.587 * green + 0.114 * blue >= _MIDDLE
    drawn = Image.new("RGB", letters.size, "black" if is_bright else "white")
    drawn.paste((red, green, blue), mask=letters)
    drawn.putalpha(outlined)
    return drawn


def _font(data: bytes | None, *, size: float) -> ImageFont.FreeTypeFont:
    if data is not None:
        return ImageFont.truetype(BytesIO(data), size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101 - Pillow's wheels have FreeType
    return font
