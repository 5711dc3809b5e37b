"""What a rendition is asked to be."""

from dataclasses import dataclass

from safelight_contracts.renditions import Rendition


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
