"""A rendered image."""

from dataclasses import dataclass

from safelight_contracts.renditions import Rendition


@dataclass(frozen=True, kw_only=True)
class RenderedImage:
    """An output image that was made.

    `width`, `height`: pixels, as displayed.
    """

    rendition: Rendition
    width: int
    height: int
    data: bytes
