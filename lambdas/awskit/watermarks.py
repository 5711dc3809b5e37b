"""What the settings of a rendition say of its visible mark, and the files that it is made of."""

from functools import cache
from importlib.resources import as_file, files
from typing import Any

from imagekit.watermarks.visible import ImageMark, Position, TextMark, VisibleMark

FILES = "watermarks"
"""Folder on the import path that holds images and fonts: in Lambda, of a layer of that name."""


class WatermarkMissingError(RuntimeError):
    """Raised where a mark's image or font is not there: an image is not published without its mark."""


def visible_mark(described: dict[str, Any] | None) -> VisibleMark | None:
    """Read what the settings of a rendition say of its visible mark.

    Parameters
    ----------
    described
        `{"text", "color", "font"}` or `{"image"}`, and `position`, `scale`, `opacity` and `margin`. `font` and `image`
        are names of files; without a `font` it is Pillow's own. None where there is no mark.

    Raises
    ------
    WatermarkMissingError
        When a file is not there.
    """
    if described is None:
        return None
    return VisibleMark(
        content=_content(described),
        position=Position(described["position"]),
        scale=described["scale"],
        opacity=described["opacity"],
        margin=described["margin"],
    )


def _content(described: dict[str, Any]) -> TextMark | ImageMark:
    if "image" in described:
        return ImageMark(data=_read(described["image"]))
    font = described.get("font")
    return TextMark(text=described["text"], color=described["color"], font=None if font is None else _read(font))


@cache
def _read(name: str) -> bytes:
    try:
        with as_file(files(FILES).joinpath(name)) as file:
            return file.read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise WatermarkMissingError(
            f"the watermark's file {name} is missing: is the layer {FILES} on this function?"
        ) from error
