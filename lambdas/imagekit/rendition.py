"""What a rendition is asked to be."""

from dataclasses import dataclass

from imagekit.geometry import Fit
from imagekit.image_type import ImageType


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """An output image to make.

    Attributes
    ----------
    name
        Names the rendition among those of one image, and its file.
    width, height
        Pixels. Without a height, the image's aspect gives it.
    fit
        How the image is made to fit.
    type
        The format: JPEG, PNG, WEBP or AVIF.
    quality
        1 to 100; None is the format's own choice (80, AVIF 60). PNG has none.
    """

    name: str
    width: int
    height: int | None
    fit: Fit
    type: ImageType
    quality: int | None = None


@dataclass(frozen=True, kw_only=True)
class RenderedImage:
    """An output image that was made.

    Attributes
    ----------
    rendition
        What was asked for.
    width, height
        Pixels, as displayed.
    data
        The whole file.
    """

    rendition: Rendition
    width: int
    height: int
    data: bytes
