"""A rendered image."""

from dataclasses import dataclass

from safelight_contracts.renditions import Rendition


@dataclass(frozen=True, kw_only=True)
class RenderedImage:
    """An output image that was made.

    Attributes
    ----------
    rendition
        The rendition that was requested.
    width, height
        Pixels, as displayed.
    data
        The whole file.
    """

    rendition: Rendition
    width: int
    height: int
    data: bytes
