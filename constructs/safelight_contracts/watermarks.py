"""Visible watermarks of renditions: a text or an image."""

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from safelight_contracts.arguments import validated, validated_fields
from safelight_contracts.colors import is_rgb

WATERMARKS = "watermarks"
"""Name of the layer that holds the images and fonts of watermarks, and of its folder on the import path."""

_MAX_CHARACTERS = 100
_MAX_IMAGE_BYTES = 2_000_000
_MAX_IMAGE_SIDE = 2_000
_MAX_FONT_BYTES = 20_000_000
_MIN_SCALE = 0.05

# The non-ASCII characters in Pillow's built-in font.
_NON_ASCII_OF_BUILT_IN_FONT = "©«°±´·»‘’“”…‹›⁄™"  # noqa: RUF001
_PNG_START = b"\x89PNG\r\n\x1a\n"
# The versions of TrueType and OpenType, and the first bytes of Apple's fonts and of font collections.
_FONT_STARTS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")


class WatermarkPosition(StrEnum):
    """Where a watermark is placed on a rendition."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"
    CENTRE = "centre"
    TILED = "tiled"
    """All over the rendition, every second row shifted by half."""


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Watermark:
    """A visible mark on a rendition. Make it with `Watermark.text` or `Watermark.image`.

    Attributes
    ----------
    position
        Where it is placed.
    scale
        The largest part of the rendition's width, and of its height, that the mark takes: 0.05 to 1.
    opacity
        Above 0, and up to 1, which is opaque.
    margin
        The free space around it, as a part of the rendition's shorter side: 0 to 0.5.
    words, color
        The text, and its colour as ``#rrggbb``. ``None`` for an image.
    file_name
        The name of the image, or of the text's font, in the layer of watermarks. ``None`` for Pillow's built-in font.
    file
        The content of that file. ``None`` until it is read, and for Pillow's built-in font.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    position: WatermarkPosition
    scale: float
    opacity: float
    margin: float
    words: str | None = None
    color: str | None = None
    file_name: str | None = None
    file: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not _MIN_SCALE <= self.scale <= 1:
            raise ValueError(f"Watermark: scale={self.scale} is a part of the rendition and must be {_MIN_SCALE} to 1.")
        if not 0 < self.opacity <= 1:
            raise ValueError(f"Watermark: opacity={self.opacity} must be above 0, and at most 1, which is opaque.")
        if not 0 <= self.margin <= 0.5:
            raise ValueError(f"Watermark: margin={self.margin} is a part of the shorter side and must be 0 to 0.5.")

    @classmethod
    @validated
    def text(
        cls,
        text: str,
        *,
        color: str = "#ffffff",
        font: Path | None = None,
        position: WatermarkPosition = WatermarkPosition.BOTTOM_RIGHT,
        scale: float = 0.25,
        opacity: float = 0.6,
        margin: float = 0.03,
    ) -> "Watermark":
        """Mark with a line of text. An outline in black or white keeps it legible on light and on dark.

        Parameters
        ----------
        text
            1 to 100 characters, such as ``"© Anna"``.
        color
            ``#rrggbb``. Default: white.
        font
            A TrueType or OpenType file. Default: Pillow's built-in font, which has ASCII and a few signs, such as ©.
        position
            Default: the bottom right corner.
        scale
            The largest part of the rendition's width, and of its height, that the mark takes: 0.05 to 1. Default: 0.25.
        opacity
            Above 0, and up to 1, which is opaque. Default: 0.6.
        margin
            The free space between the mark and the edges, or between tiles, as a part of the rendition's shorter side:
            0 to 0.5. Default: 0.03.

        Raises
        ------
        ValueError
            If a value is out of range, or the font is missing or is not a font.
        """
        if not text.strip() or len(text) > _MAX_CHARACTERS or not text.isprintable():
            raise ValueError(f"Watermark.text({text!r}) must be one line of 1 to {_MAX_CHARACTERS} characters.")
        if not is_rgb(color):
            raise ValueError(f"Watermark.text: color={color!r} must be a colour as #rrggbb.")
        missing = "".join(sign for sign in text if not sign.isascii() and sign not in _NON_ASCII_OF_BUILT_IN_FONT)
        if font is None and missing:
            raise ValueError(
                f"Watermark.text({text!r}): Pillow's built-in font has no {missing!r}. Give font= a TrueType or "
                "OpenType file that has them."
            )
        data = None if font is None else _read_font(font)
        return cls(
            position=position,
            scale=scale,
            opacity=opacity,
            margin=margin,
            words=text,
            color=color,
            file_name=None if data is None else _name(data, suffix="font"),
            file=data,
        )

    @classmethod
    @validated
    def image(
        cls,
        image: Path,
        *,
        position: WatermarkPosition = WatermarkPosition.BOTTOM_RIGHT,
        scale: float = 0.2,
        opacity: float = 0.8,
        margin: float = 0.03,
    ) -> "Watermark":
        """Mark with an image.

        Parameters
        ----------
        image
            A PNG, transparent where the rendition shows through. At most 2 MB, and 2,000 pixels a side.
        position, scale, opacity, margin
            As for `text`. Defaults: the bottom right corner, 0.2, 0.8 and 0.03.

        Raises
        ------
        ValueError
            If a value is out of range, or the file is missing, broken, too large or not a PNG.
        """
        data = _read_png(image)
        return cls(
            position=position,
            scale=scale,
            opacity=opacity,
            margin=margin,
            file_name=_name(data, suffix="png"),
            file=data,
        )


def watermark_to_json(watermark: Watermark) -> dict[str, object]:
    """Write a watermark as an object of JSON, without the content of its file."""
    described: dict[str, object] = {
        "position": watermark.position.value,
        "scale": watermark.scale,
        "opacity": watermark.opacity,
        "margin": watermark.margin,
    }
    if watermark.words is None:
        return described | {"image": watermark.file_name}
    described |= {"text": watermark.words, "color": watermark.color}
    return described if watermark.file_name is None else described | {"font": watermark.file_name}


def watermark_from_json(described: Mapping[str, Any]) -> Watermark:
    """Read a watermark. Its ``file`` is ``None``: the caller reads the file by its name."""
    return Watermark(
        position=WatermarkPosition(described["position"]),
        scale=described["scale"],
        opacity=described["opacity"],
        margin=described["margin"],
        words=described.get("text"),
        color=described.get("color"),
        file_name=described.get("image", described.get("font")),
    )


def _name(data: bytes, *, suffix: str) -> str:
    return f"{hashlib.sha256(data).hexdigest()[:16]}.{suffix}"


def _read(path: Path, *, most: int) -> bytes:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= most else b""
    except OSError as error:
        raise ValueError(f"Watermark: {path} cannot be read ({error.strerror}). Check the path.") from error
    if size > most:
        raise ValueError(f"Watermark: {path} has {size:,} bytes, and the maximum is {most:,}. Use a smaller file.")
    return data


def _read_font(path: Path) -> bytes:
    data = _read(path, most=_MAX_FONT_BYTES)
    if not data.startswith(_FONT_STARTS):
        raise ValueError(f"Watermark.text: font={path} is not a TrueType or OpenType file. Use a .ttf or .otf file.")
    return data


def _read_png(path: Path) -> bytes:
    data = _read(path, most=_MAX_IMAGE_BYTES)
    if not data.startswith(_PNG_START):
        raise ValueError(f"Watermark.image: {path} is not a PNG. Convert it to PNG.")
    kinds = list(_whole_chunks(data))
    if not kinds or kinds[0] != b"IHDR" or b"IDAT" not in kinds or kinds[-1] != b"IEND":
        raise ValueError(f"Watermark.image: {path} is a truncated or broken PNG. Export it again.")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if not (0 < width <= _MAX_IMAGE_SIDE and 0 < height <= _MAX_IMAGE_SIDE):
        raise ValueError(
            f"Watermark.image: {path} is {width} x {height} pixels, and the maximum is {_MAX_IMAGE_SIDE:,} a side. "
            "Scale it down."
        )
    return data


def _whole_chunks(data: bytes) -> Iterator[bytes]:
    # Length, type, content and checksum (PNG specification, 5.3), up to the first that is not whole.
    offset = len(_PNG_START)
    while offset + 12 <= len(data):
        end = offset + 8 + int.from_bytes(data[offset : offset + 4], "big")
        if zlib.crc32(data[offset + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return
        yield data[offset + 4 : offset + 8]
        offset = end + 4
