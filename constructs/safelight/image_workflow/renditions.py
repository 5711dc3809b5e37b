"""What is made of an upload: renditions, how they fit their box, and image types."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from safelight.image_workflow.watermarks import Watermark, describe

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")
_INVISIBLE_WATERMARK = re.compile(r"[!-~]{1,8}")
# docs/watermarks.md has what is left of it below.
_MIN_SIDE_OF_INVISIBLE_WATERMARK = 400
_CENTRE = (0.5, 0.5)
_WHITE = "#ffffff"

# An image that is not enlarged bounds its renditions; for what may be larger than the image, this does.
_MAX_PIXELS_BEYOND_IMAGE = 25_000_000


class ImageType(Enum):
    """An image format, recognised by an object's content and never by its name."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"
    TIFF = "TIFF"
    BMP = "BMP"
    AVIF = "AVIF"
    HEIC = "HEIC"
    JPEG2000 = "JPEG2000"
    RAW = "RAW"
    """A camera's raw file: NEF, CR2, CR3, ARW, DNG and the like."""


WRITABLE_TYPES = (ImageType.JPEG, ImageType.PNG, ImageType.WEBP, ImageType.AVIF)
"""The types that a rendition can be written in."""


_MAX_SIDES = {ImageType.JPEG: 65_500, ImageType.WEBP: 16_383, ImageType.AVIF: 65_535}


class Fit(Enum):
    """How an image is fitted to a rendition's width and height. Nothing is enlarged unless the rendition asks."""

    COVER = "cover"
    """Fill the box and cut what overhangs, around the focal point."""
    CONTAIN = "contain"
    """Lie within the box whole, the aspect ratio kept, on a background that fills the box."""
    INSIDE = "inside"
    """Lie within the box whole, the aspect ratio kept."""
    FILL = "fill"
    """Be stretched to the box, whatever becomes of the aspect ratio."""


@dataclass(frozen=True)
class Ssim:
    """A likeness to the picture that a rendition's file is to have, in place of a quality.

    The smallest file that has it is found by trying qualities, seven at most; fewer for a rendition of more than 6
    megapixels, whose file may then be larger than it need be. An AVIF 1920 wide takes some five seconds.

    Parameters
    ----------
    value
        The least structural similarity of the luma, above 0 and below 1: 0.92 is small, 0.95 good, 0.97 very good, 0.99
        hard to tell from the picture. Where no quality reaches it, the highest is taken.
    tolerance
        How much more is good enough to try no further. Left out: 0.005, which takes five tries or so.

    Raises
    ------
    ValueError
        When they are out of their bounds.
    """

    value: float
    tolerance: float = field(default=0.005, kw_only=True)

    def __post_init__(self) -> None:
        if not 0 < self.value < 1:
            raise ValueError(f"Ssim({self.value}) must be above 0 and below 1, such as 0.95.")
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"Ssim: tolerance={self.tolerance} must be at least 0 and below 1, such as 0.005.")


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """An output image made from each published upload.

    Parameters
    ----------
    name
        Names the object: ``{upload key}/{name}.{ext}``. Lower-case letters, digits, ``-`` and ``_``, at most 32.
    width
        Pixels.
    height
        Pixels. Left out: whatever the aspect ratio gives, which needs ``Fit.INSIDE``.
    fit
        Left out: ``Fit.INSIDE``.
    type
        One of JPEG, PNG, WebP and AVIF. Left out: JPEG.
    quality
        1 to 100. Left out: 80 for JPEG and WebP, 60 for AVIF; PNG has none.
    target
        The likeness to reach by the smallest file, in place of ``quality``. Left out: the quality decides.
    focal_point
        What ``Fit.COVER`` is cut around, as near to its middle as the image's edges allow: across and down, each from 0
        (left, top) to 1, in the image as displayed. Left out: the centre.
    background
        ``#rrggbb``, or ``#rrggbbaa`` where the type has transparency: the colour of the padding of ``Fit.CONTAIN``, and
        what a JPEG shows where the image is transparent. Left out: white.
    enlarge
        Whether an image that is smaller is enlarged, which needs a height. Left out: it keeps its pixels.
    animated
        Whether an animated GIF or WebP stays animated, as WebP. Checks then look at nine of its frames at most, evenly
        spread over the play time, the first and the last among them: what is shown for less than an eighth of that time
        may pass them. Left out: the first frame is shown.
    watermark
        A text or an image that is laid on it, by ``Watermark.text`` or ``Watermark.image``. Left out: none.
    invisible_watermark
        1 to 8 printable ASCII characters that ``safelight watermark FILE`` reads back, after JPEG of quality 75 and a
        halving too. The rendition must be 400 pixels wide and high at least. It tells where a picture came from; it is
        no secret and no proof. Left out: none.

    Raises
    ------
    ValueError
        When the parts contradict one another.
    """

    name: str
    width: int
    height: int | None = None
    fit: Fit = Fit.INSIDE
    type: ImageType = ImageType.JPEG
    quality: int | None = None
    target: Ssim | None = None
    focal_point: tuple[float, float] = _CENTRE
    background: str = _WHITE
    enlarge: bool = False
    animated: bool = False
    watermark: Watermark | None = None
    invisible_watermark: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"Rendition name {self.name!r} must be 1 to 32 lower-case letters, digits, '-' or '_', "
                "beginning with a letter or digit: it becomes part of an object key."
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
            return f"fit=Fit.{self.fit.name} needs a height; give one, or use Fit.INSIDE."
        if not self.enlarge and self.fit is not Fit.CONTAIN:
            return None
        if self.height is None:
            return "enlarge=True needs a height, which bounds what a narrow image is enlarged to; give one."
        if self.width * self.height > _MAX_PIXELS_BEYOND_IMAGE:
            return (
                f"{self.width} x {self.height} has more than {_MAX_PIXELS_BEYOND_IMAGE:,} pixels, the most that an "
                "image is enlarged or padded to; choose a smaller size."
            )
        most = _MAX_SIDES.get(self.type, _MAX_PIXELS_BEYOND_IMAGE)
        if max(self.width, self.height) > most:
            return f"{self.type.value} has {most:,} pixels a side at most; choose a smaller size or another type."
        return None

    def _problem_of_fit(self) -> str | None:
        if not all(0 <= part <= 1 for part in self.focal_point):
            return f"focal_point={self.focal_point} is two parts of width and height and must be from 0 to 1."
        if self.focal_point != _CENTRE and self.fit is not Fit.COVER:
            return f"fit=Fit.{self.fit.name} cuts nothing; leave focal_point out, or use Fit.COVER."
        if not _COLOR.fullmatch(self.background):
            return f"background={self.background!r} must be a colour as #rrggbb or #rrggbbaa."
        if self.background != _WHITE and self.type is not ImageType.JPEG and self.fit is not Fit.CONTAIN:
            return (
                f"{self.type.value} keeps what is transparent and fit=Fit.{self.fit.name} pads nothing; leave "
                "background out, or use Fit.CONTAIN."
            )
        return None

    def _problem_of_type(self) -> str | None:
        if self.type not in WRITABLE_TYPES:
            names = ", ".join(writable.value for writable in WRITABLE_TYPES)
            return f"type={self.type.value} cannot be written; choose {names}."
        if len(self.background) > len(_WHITE) and self.type is ImageType.JPEG:
            return "JPEG has no transparency; give background as #rrggbb, or choose another type."
        if self.quality is not None and self.target is not None:
            return "quality and target are both given, and target finds the quality; leave one out."
        if self.animated and self.type is not ImageType.WEBP:
            return "an animation is written as WebP; give type=ImageType.WEBP, or leave animated out."
        if self.animated and self.target is not None:
            return "a target is reached by looking at one picture; give an animation a quality, or leave animated out."
        if (self.quality is not None or self.target is not None) and self.type is ImageType.PNG:
            return "PNG is lossless; leave quality and target out."
        if self.quality is not None and not 1 <= self.quality <= 100:
            return f"quality={self.quality} must be 1 to 100."
        return None

    def _problem_of_watermarks(self) -> str | None:
        if self.animated and (self.watermark is not None or self.invisible_watermark is not None):
            return "an animation is not marked; leave watermark and invisible_watermark out, or leave animated out."
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
                f"{smallest} pixels are too few for an invisible_watermark to last; choose a rendition that is "
                f"{_MIN_SIDE_OF_INVISIBLE_WATERMARK} wide and high at least, or leave it out."
            )
        return None


def watermarks_of(renditions: Iterable[Rendition]) -> list[Watermark]:
    """Return the visible watermarks of renditions."""
    return [rendition.watermark for rendition in renditions if rendition.watermark is not None]


def as_json(renditions: Iterable[Rendition]) -> str:
    """Write renditions as the step that makes them reads them; what has its default is left out where it may be."""
    return json.dumps([_as_object(rendition) for rendition in renditions], separators=(",", ":"))


def _as_object(rendition: Rendition) -> dict[str, object]:
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
    if rendition.focal_point != _CENTRE:
        described["focalPoint"] = rendition.focal_point
    if rendition.background != _WHITE:
        described["background"] = rendition.background
    if rendition.enlarge:
        described["enlarge"] = True
    if rendition.animated:
        described["animated"] = True
    if rendition.watermark is not None:
        described["watermark"] = describe(rendition.watermark)
    if rendition.invisible_watermark is not None:
        described["invisibleWatermark"] = rendition.invisible_watermark
    return described


DEFAULT_RENDITIONS = (
    Rendition(name="tile", width=400, height=400, fit=Fit.COVER),
    Rendition(name="scaled", width=600),
)
"""A square tile and an image 600 pixels wide, both JPEG."""
