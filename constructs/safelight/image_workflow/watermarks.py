"""Visible watermarks: a text or an image on renditions, and the layer that carries their files."""

import hashlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from aws_cdk import aws_lambda

from safelight.core.cache import cache_folder, complete

WATERMARKS = "watermarks"
"""Name of the layer with the images and fonts of watermarks."""

_MAX_CHARACTERS = 100
_MAX_IMAGE_BYTES = 2_000_000
_MAX_IMAGE_SIDE = 2_000
_MAX_FONT_BYTES = 20_000_000
_MIN_SCALE = 0.05

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
# What Pillow's own font, a part of Aileron, has beside ASCII.
_SIGNS_OF_OWN_FONT = "©«°±´·»‘’“”…‹›⁄™"  # noqa: RUF001
_PNG_START = b"\x89PNG\r\n\x1a\n"
# The version of TrueType and OpenType, and what Apple and collections have in its place.
_FONT_STARTS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")


class WatermarkPosition(Enum):
    """Where on a rendition a watermark lies."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"
    CENTRE = "centre"
    TILED = "tiled"
    """All over it, every second row shifted by half."""


@dataclass(frozen=True, kw_only=True)
class Watermark:
    """A mark that is seen on a rendition; made by `Watermark.text` or `Watermark.image`.

    Attributes
    ----------
    position
        Where it lies.
    scale
        Its width or height as a part of the rendition's, 0.05 to 1.
    opacity
        Above 0, to 1, at which nothing shows through.
    margin
        What is free around it, as a part of the rendition's shorter side, 0 to 0.5.
    words, color
        The text and its colour as ``#rrggbb``; ``None`` of an image.
    file_name, file
        The image, or the text's font; ``None`` for Pillow's own font.

    Raises
    ------
    ValueError
        When a number is out of its bounds.
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
            raise ValueError(f"Watermark: opacity={self.opacity} must be above 0, at most 1, at which nothing shows.")
        if not 0 <= self.margin <= 0.5:
            raise ValueError(f"Watermark: margin={self.margin} is a part of the shorter side and must be 0 to 0.5.")

    @classmethod
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
        """Mark with a line of text, outlined in black or white so that it is read on light and on dark.

        Parameters
        ----------
        text
            1 to 100 characters, such as ``"© Anna"``.
        color
            ``#rrggbb``. Left out: white.
        font
            A TrueType or OpenType file. Left out: Pillow's own, which has ASCII and a few signs, © among them.
        position
            Left out: the corner at the bottom right.
        scale
            The mark's width or height as a part of the rendition's, 0.05 to 1: whichever keeps it within that part of
            both. Left out: a quarter.
        opacity
            Above 0, to 1, at which nothing shows through. Left out: 0.6.
        margin
            What is free between the mark and the edges, or between tiles, as a part of the rendition's shorter side: 0
            to 0.5. Left out: 0.03.

        Raises
        ------
        ValueError
            When a value is none, or the font is missing or none.
        """
        if not text.strip() or len(text) > _MAX_CHARACTERS or not text.isprintable():
            raise ValueError(f"Watermark.text({text!r}) must be one line of 1 to {_MAX_CHARACTERS} characters.")
        if not _COLOR.fullmatch(color):
            raise ValueError(f"Watermark.text: color={color!r} must be a colour as #rrggbb.")
        missing = "".join(sign for sign in text if not sign.isascii() and sign not in _SIGNS_OF_OWN_FONT)
        if font is None and missing:
            raise ValueError(
                f"Watermark.text({text!r}): the font that comes with Pillow has no {missing!r}; give font=, a "
                "TrueType or OpenType file that has."
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
            A PNG, transparent where the rendition is to show: 2 MB and 2,000 pixels a side at most.
        position, scale, opacity, margin
            As for `text`. Left out: the corner at the bottom right, a fifth, 0.8 and 0.03.

        Raises
        ------
        ValueError
            When a value is none, or the file is missing, broken, too large or no PNG.
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


def describe(watermark: Watermark) -> dict[str, object]:
    """Write a watermark as the step that makes renditions reads it."""
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


def watermark_layer_code(watermarks: Iterable[Watermark]) -> aws_lambda.Code:
    """Return the code of the layer that holds the files of watermarks.

    In a layer a file is a part of the function's version: what a release before this one publishes keeps its mark, and
    the function needs no permission and no request to read it.
    """
    files = {
        watermark.file_name: watermark.file
        for watermark in watermarks
        if watermark.file_name is not None and watermark.file is not None
    }
    digest = hashlib.sha256("\0".join(sorted(files)).encode()).hexdigest()
    layer = cache_folder() / "layers" / f"{WATERMARKS}-{digest[:16]}"
    if not layer.is_dir():
        with complete(layer) as built:
            folder = built / "python" / WATERMARKS
            folder.mkdir(parents=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)
    return aws_lambda.Code.from_asset(str(layer))


def _name(data: bytes, *, suffix: str) -> str:
    return f"{hashlib.sha256(data).hexdigest()[:16]}.{suffix}"


def _read(path: Path, *, most: int) -> bytes:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= most else b""
    except OSError as error:
        raise ValueError(f"Watermark: {path} cannot be read ({error.strerror}); give a file that is there.") from error
    if size > most:
        raise ValueError(f"Watermark: {path} has {size:,} bytes, and {most:,} is the most; give a smaller one.")
    return data


def _read_font(path: Path) -> bytes:
    data = _read(path, most=_MAX_FONT_BYTES)
    if not data.startswith(_FONT_STARTS):
        raise ValueError(f"Watermark.text: font={path} is no TrueType or OpenType file; give a .ttf or .otf.")
    return data


def _read_png(path: Path) -> bytes:
    data = _read(path, most=_MAX_IMAGE_BYTES)
    if not data.startswith(_PNG_START):
        raise ValueError(f"Watermark.image: {path} is no PNG; convert it to one, which can be transparent.")
    kinds = list(_whole_chunks(data))
    if not kinds or kinds[0] != b"IHDR" or b"IDAT" not in kinds or kinds[-1] != b"IEND":
        raise ValueError(f"Watermark.image: {path} is a truncated or broken PNG; write it again.")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if not (0 < width <= _MAX_IMAGE_SIDE and 0 < height <= _MAX_IMAGE_SIDE):
        raise ValueError(
            f"Watermark.image: {path} is {width} x {height} pixels, and {_MAX_IMAGE_SIDE:,} a side is the most; scale "
            "it down."
        )
    return data


def _whole_chunks(data: bytes) -> Iterable[bytes]:
    # Length, type, content and checksum (PNG specification, 5.3), up to the first that is not whole.
    offset = len(_PNG_START)
    while offset + 12 <= len(data):
        end = offset + 8 + int.from_bytes(data[offset : offset + 4], "big")
        if zlib.crc32(data[offset + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            return
        yield data[offset + 4 : offset + 8]
        offset = end + 4
