"""Renditions: the output images made from an upload."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from safelight_contracts.arguments import validated_fields
from safelight_contracts.colors import is_rgb_or_rgba
from safelight_contracts.image_types import MAX_SIDES, WRITABLE_TYPES, ImageType
from safelight_contracts.presentation import WHITE
from safelight_contracts.watermarks import Watermark, watermark_from_json, watermark_to_json

RENDITION_MARKER = "safelight-rendition"
"""Name in S3 user metadata that every rendition has. An upload that has it is a rendition, and is rejected, so that
renditions that reach an upload bucket start no endless loop."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_INVISIBLE_WATERMARK = re.compile(r"[!-~]{1,8}")
# docs/watermarks.md shows how many bits survive below it.
_MIN_SIDE_OF_INVISIBLE_WATERMARK = 400
_CENTRE = (0.5, 0.5)

DEFAULT_QUALITIES = {ImageType.JPEG: 80, ImageType.WEBP: 80, ImageType.AVIF: 60}
"""The quality of a rendition that has none of its own. PNG has no quality."""

# The image bounds a rendition that is not enlarged. This bounds a rendition that can be larger than its image.
_MAX_PIXELS_BEYOND_IMAGE = 25_000_000


class Fit(StrEnum):
    """How an image is fitted to a rendition's width and height. It is enlarged only if the rendition asks for it."""

    COVER = "cover"
    """Fill the box, and crop what overhangs around the focal point."""
    CONTAIN = "contain"
    """Fit the whole image into the box, keep the aspect ratio, and pad to the size of the box."""
    INSIDE = "inside"
    """Fit the whole image into the box, and keep the aspect ratio."""
    FILL = "fill"
    """Stretch the image to the box."""


class ChromaSubsampling(StrEnum):
    """How many pixels share a colour in a JPEG or an AVIF. Each pixel has its own brightness."""

    YUV_420 = "4:2:0"
    """Two by two pixels share one. The smallest file. Thin red or blue lines and small coloured text blur."""
    YUV_422 = "4:2:2"
    """Two pixels side by side share one."""
    YUV_444 = "4:4:4"
    """Each pixel has its own. Coloured edges stay sharp."""


class Metadata(StrEnum):
    """What a rendition can keep of its upload's EXIF data. Each value is what the uploader wrote."""

    COPYRIGHT = "copyright"
    """The copyright notice: EXIF's ``Copyright``, with the notices of the photographer and of the editor."""
    ARTIST = "artist"
    """Who made the picture: EXIF's ``Artist``."""


@validated_fields
@dataclass(frozen=True)
class Ssim:
    """The similarity to the picture that a rendition's file must reach, instead of a quality.

    The smallest file that reaches it is found by trying at most seven qualities. A rendition of more than 6 megapixels
    gets fewer tries, so its file can be larger than necessary. An AVIF 1920 pixels wide takes about five seconds.

    Parameters
    ----------
    value
        The least structural similarity of the luma, above 0 and below 1. 0.92 is small, 0.95 good, 0.97 very good, and
        0.99 hard to tell from the picture. If no quality reaches it, the highest quality is used.
    tolerance
        The search stops when similarity is within this much above ``value``. Default: 0.005, which takes about five
        tries.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    value: float
    tolerance: float = field(default=0.005, kw_only=True)

    def __post_init__(self) -> None:
        if not 0 < self.value < 1:
            raise ValueError(f"Ssim({self.value}) must be above 0 and below 1, such as 0.95.")
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"Ssim: tolerance={self.tolerance} must be at least 0 and below 1, such as 0.005.")


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Rendition:
    """An output image made from each published upload.

    Parameters
    ----------
    name
        The object's name: ``{upload key}/{attempt}/{name}.{ext}``. Lower-case letters, digits, ``-`` and ``_``, at most
        32.
    width
        Pixels.
    height
        Pixels. Default: what the aspect ratio gives, which needs ``Fit.INSIDE``.
    fit
        Default: ``Fit.INSIDE``.
    type
        One of JPEG, PNG, WebP and AVIF. Default: JPEG.
    quality
        1 to 100. Default: 80 for JPEG and WebP, 60 for AVIF. PNG has no quality.
    target
        The similarity that the smallest file must reach, instead of ``quality``. Default: none.
    chroma_subsampling
        How many pixels of a JPEG or an AVIF share a colour. PNG has a colour for each pixel, and WebP always has 4:2:0.
        Default: 4:4:4 from quality 90 on, otherwise 4:2:0. This also holds for each quality that a target tries.
    focal_point
        What ``Fit.COVER`` crops around, as near to the middle as the edges allow: across and down, each from 0 (left,
        top) to 1, in the image as displayed. Default: the centre.
    background
        ``#rrggbb``, or ``#rrggbbaa`` for a type with transparency: the colour of the padding of ``Fit.CONTAIN``, and of
        what is transparent in a JPEG. Default: white.
    enlarge
        Whether a smaller image is enlarged, which needs a height. Default: ``False``.
    animated
        Whether an animated GIF or WebP stays animated, as WebP. Checks then look at nine frames at most, evenly spread
        over the play time, with the first and the last among them: a frame shown for less than an eighth of that time
        can pass unseen. Default: ``False``, which shows the first frame.
    watermark
        A text or an image on the rendition, made with `Watermark.text` or `Watermark.image`. Default: none.
    invisible_watermark
        1 to 8 printable ASCII characters that ``safelight watermark FILE`` reads back, also after JPEG compression at
        quality 75 and after scaling to half the size. The rendition must be at least 400 pixels wide and high. It
        identifies the source. It is not secret, and it proves nothing. Default: none.
    keep
        What to copy from the upload's EXIF data to the rendition's, in any order. At most 1,024 bytes of each value are
        copied. Default: nothing, so that the file has no metadata.

    Raises
    ------
    ValueError
        If the values contradict one another.
    """

    name: str
    width: int
    height: int | None = None
    fit: Fit = Fit.INSIDE
    type: ImageType = ImageType.JPEG
    quality: int | None = None
    target: Ssim | None = None
    chroma_subsampling: ChromaSubsampling | None = None
    focal_point: tuple[float, float] = _CENTRE
    background: str = WHITE
    enlarge: bool = False
    animated: bool = False
    watermark: Watermark | None = None
    invisible_watermark: str | None = None
    keep: Collection[Metadata] = ()

    def __post_init__(self) -> None:
        # Renditions that keep the same are equal, and can be keys.
        object.__setattr__(self, "keep", tuple(metadata for metadata in Metadata if metadata in self.keep))
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"Rendition name {self.name!r} must be 1 to 32 lower-case letters, digits, '-' or '_', "
                "starting with a letter or digit: it becomes part of an object key."
            )
        problem = (
            self._problem_of_size()
            or self._problem_of_fit()
            or self._problem_of_type()
            or self._problem_of_watermarks()
        )
        if problem:
            raise ValueError(f"Rendition {self.name!r}: {problem}")

    def _problem_of_size(self) -> str | None:
        if self.width < 1 or (self.height is not None and self.height < 1):
            return "width and height are pixels and must be at least 1."
        if self.height is None and self.fit is not Fit.INSIDE:
            return f"fit=Fit.{self.fit.name} needs a height. Add one, or use Fit.INSIDE."
        if not self.enlarge and self.fit is not Fit.CONTAIN:
            return None
        if self.height is None:
            return "enlarge=True needs a height, which bounds a narrow image. Add one."
        if self.width * self.height > _MAX_PIXELS_BEYOND_IMAGE:
            return (
                f"{self.width} x {self.height} has more than {_MAX_PIXELS_BEYOND_IMAGE:,} pixels, the maximum for "
                "enlarging and padding. Choose a smaller size."
            )
        most = MAX_SIDES.get(self.type, _MAX_PIXELS_BEYOND_IMAGE)
        if max(self.width, self.height) > most:
            return f"{self.type.value} has {most:,} pixels a side at most. Choose a smaller size or another type."
        return None

    def _problem_of_fit(self) -> str | None:
        if not all(0 <= part <= 1 for part in self.focal_point):
            return f"focal_point={self.focal_point} must be two numbers from 0 to 1: parts of the width and the height."
        if self.focal_point != _CENTRE and self.fit is not Fit.COVER:
            return f"fit=Fit.{self.fit.name} crops nothing. Omit focal_point, or use Fit.COVER."
        if not is_rgb_or_rgba(self.background):
            return f"background={self.background!r} must be a colour as #rrggbb or #rrggbbaa."
        if self.background != WHITE and self.type is not ImageType.JPEG and self.fit is not Fit.CONTAIN:
            return (
                f"{self.type.value} keeps transparency, and fit=Fit.{self.fit.name} pads nothing. Omit "
                "background, or use Fit.CONTAIN."
            )
        return None

    def _problem_of_type(self) -> str | None:
        if self.type not in WRITABLE_TYPES:
            names = ", ".join(writable.value for writable in WRITABLE_TYPES)
            return f"type={self.type.value} cannot be written. Choose one of {names}."
        if len(self.background) > len(WHITE) and self.type is ImageType.JPEG:
            return "JPEG has no transparency. Give background as #rrggbb, or choose another type."
        if self.quality is not None and self.target is not None:
            return "quality and target are both given. The target finds the quality, so omit one of them."
        if self.animated and self.type is not ImageType.WEBP:
            return "an animation is written as WebP. Use type=ImageType.WEBP, or omit animated."
        if self.animated and self.target is not None:
            return "a target needs a single picture. Give an animation a quality, or omit animated."
        if (self.quality is not None or self.target is not None) and self.type is ImageType.PNG:
            return "PNG is lossless. Omit quality and target."
        if self.chroma_subsampling is not None and self.type is ImageType.PNG:
            return "PNG is lossless. Omit chroma_subsampling."
        if self.chroma_subsampling is not None and self.type is ImageType.WEBP:
            return "WebP always has 4:2:0. Omit chroma_subsampling, or use ImageType.JPEG or ImageType.AVIF."
        if self.quality is not None and not 1 <= self.quality <= 100:
            return f"quality={self.quality} must be 1 to 100."
        return None

    def _problem_of_watermarks(self) -> str | None:
        if self.animated and (self.watermark is not None or self.invisible_watermark is not None):
            return "an animation cannot be marked. Omit watermark and invisible_watermark, or omit animated."
        if self.invisible_watermark is None:
            return None
        if not _INVISIBLE_WATERMARK.fullmatch(self.invisible_watermark):
            return (
                f"invisible_watermark={self.invisible_watermark!r} must be 1 to 8 printable ASCII characters without "
                "spaces, such as an id."
            )
        smallest = min(self.width, self.height or self.width)
        if smallest < _MIN_SIDE_OF_INVISIBLE_WATERMARK:
            return (
                f"{smallest} pixels are too few for an invisible_watermark. Make the rendition at least "
                f"{_MIN_SIDE_OF_INVISIBLE_WATERMARK} wide and high, or omit it."
            )
        return None


def renditions_to_json(renditions: Iterable[Rendition]) -> str:
    """Write renditions as JSON. Most defaults are omitted: a function's environment has 4 KB."""
    return json.dumps([_to_object(rendition) for rendition in renditions], separators=(",", ":"))


def renditions_from_json(text: str) -> list[Rendition]:
    """Read renditions. The files of their watermarks are not read."""
    return [_from_object(described) for described in json.loads(text)]


def _to_object(rendition: Rendition) -> dict[str, object]:
    described: dict[str, object] = {
        "name": rendition.name,
        "width": rendition.width,
        "height": rendition.height,
        "fit": rendition.fit.value,
        "type": rendition.type.value,
        "quality": rendition.quality,
    }
    if rendition.target is not None:
        described["target"] = {"ssim": rendition.target.value, "tolerance": rendition.target.tolerance}
    if rendition.chroma_subsampling is not None:
        described["chromaSubsampling"] = rendition.chroma_subsampling.value
    if rendition.focal_point != _CENTRE:
        described["focalPoint"] = rendition.focal_point
    if rendition.background != WHITE:
        described["background"] = rendition.background
    if rendition.enlarge:
        described["enlarge"] = True
    if rendition.animated:
        described["animated"] = True
    if rendition.watermark is not None:
        described["watermark"] = watermark_to_json(rendition.watermark)
    if rendition.invisible_watermark is not None:
        described["invisibleWatermark"] = rendition.invisible_watermark
    if rendition.keep:
        described["keep"] = [metadata.value for metadata in rendition.keep]
    return described


def _from_object(described: Mapping[str, Any]) -> Rendition:
    across, down = described.get("focalPoint", _CENTRE)
    target, watermark = described.get("target"), described.get("watermark")
    chroma_subsampling = described.get("chromaSubsampling")
    return Rendition(
        name=described["name"],
        width=described["width"],
        height=described["height"],
        fit=Fit(described["fit"]),
        type=ImageType(described["type"]),
        quality=described["quality"],
        target=None if target is None else Ssim(target["ssim"], tolerance=target["tolerance"]),
        chroma_subsampling=None if chroma_subsampling is None else ChromaSubsampling(chroma_subsampling),
        focal_point=(across, down),
        background=described.get("background", WHITE),
        enlarge=described.get("enlarge", False),
        animated=described.get("animated", False),
        watermark=None if watermark is None else watermark_from_json(watermark),
        invisible_watermark=described.get("invisibleWatermark"),
        keep=[Metadata(metadata) for metadata in described.get("keep", [])],
    )


DEFAULT_RENDITIONS = (
    Rendition(name="tile", width=400, height=400, fit=Fit.COVER),
    Rendition(name="scaled", width=600),
)
"""A square tile and an image 600 pixels wide, both JPEG."""
