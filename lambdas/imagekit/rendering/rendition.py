"""What a rendition is asked to be."""

from dataclasses import dataclass

from imagekit.formats.image_type import ImageType
from imagekit.geometry import CENTRE, Fit, Point
from imagekit.rendering.quality import Ssim
from imagekit.watermarks.visible import VisibleMark


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
    target
        The likeness that the smallest file is to have, in place of a quality; None when the quality says it.
    focal_point
        What a cover is cut around. The centre when left out.
    background
        The colour, `#rrggbb` or `#rrggbbaa`, of a contain's padding and of what is transparent in a JPEG. White when
        left out.
    enlarge
        Whether an image that is smaller is enlarged. It is not when left out.
    animated
        Whether an animated GIF or WebP stays animated; only in WEBP. Its first frame is shown when left out. An
        animation is not marked.
    visible_mark
        A text or an image that is laid on it. None when left out.
    invisible_mark
        1 to 8 printable ASCII characters that can be read back. None when left out.
    """

    name: str
    width: int
    height: int | None
    fit: Fit
    type: ImageType
    quality: int | None = None
    target: Ssim | None = None
    focal_point: Point = CENTRE
    background: str = "#ffffff"
    enlarge: bool = False
    animated: bool = False
    visible_mark: VisibleMark | None = None
    invisible_mark: str | None = None


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
