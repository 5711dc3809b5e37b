"""What is made of an upload: renditions, how they fit their box, and image types."""

import re
from dataclasses import dataclass
from enum import Enum

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


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
    RAW = "RAW"
    """A camera's raw file: NEF, CR2, CR3, ARW, DNG and the like."""


WRITABLE_TYPES = (ImageType.JPEG, ImageType.PNG, ImageType.WEBP, ImageType.AVIF)
"""The types that a rendition can be written in."""


class Fit(Enum):
    """How an image is fitted to a rendition's width and height. Nothing is ever enlarged."""

    COVER = "cover"
    """Fill the box and cut what overhangs, around the centre."""
    INSIDE = "inside"
    """Lie within the box whole, the aspect ratio kept."""


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

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"Rendition name {self.name!r} must be 1 to 32 lower-case letters, digits, '-' or '_', "
                "beginning with a letter or digit: it becomes part of an object key."
            )
        if self.width < 1 or (self.height is not None and self.height < 1):
            raise ValueError(f"Rendition {self.name!r}: width and height are pixels and must be at least 1.")
        if self.fit is Fit.COVER and self.height is None:
            raise ValueError(f"Rendition {self.name!r}: fit=Fit.COVER needs a height; give one, or use Fit.INSIDE.")
        if self.type not in WRITABLE_TYPES:
            names = ", ".join(writable.value for writable in WRITABLE_TYPES)
            raise ValueError(f"Rendition {self.name!r}: type={self.type.value} cannot be written; choose {names}.")
        if self.quality is not None and self.type is ImageType.PNG:
            raise ValueError(f"Rendition {self.name!r}: PNG is lossless; leave quality out.")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise ValueError(f"Rendition {self.name!r}: quality={self.quality} must be 1 to 100.")


DEFAULT_RENDITIONS = (
    Rendition(name="tile", width=400, height=400, fit=Fit.COVER),
    Rendition(name="scaled", width=600),
)
"""A square tile and an image 600 pixels wide, both JPEG."""
