"""Sizes: how a rendition fits its image. Whole pixels in and out, always as displayed."""

from dataclasses import dataclass
from enum import StrEnum


class Fit(StrEnum):
    """How an image is made to fit a rendition's size."""

    COVER = "cover"
    """Cut to the rendition's aspect around the centre, then scaled down to its size."""

    INSIDE = "inside"
    """Kept whole, scaled down until no side is longer than the rendition's."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """A width and a height in pixels."""

    width: int
    height: int

    def transposed(self) -> "Size":
        """Swap width and height."""
        return Size(width=self.height, height=self.width)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which part of an image a rendition shows, and how large.

    Attributes
    ----------
    output
        The rendition's size.
    shown_width, shown_height
        The part of the image that is shown, around its centre, in pixels of the image.
    """

    output: Size
    shown_width: float
    shown_height: float

    @property
    def scale(self) -> float:
        """Pixels of the rendition for each pixel of the image; at most 1 but for rounding."""
        return max(self.output.width / self.shown_width, self.output.height / self.shown_height)


def place(image: Size, *, fit: Fit, width: int, height: int | None = None, max_side: int) -> Placement:
    """Fit an image into a rendition's size. Nothing is ever enlarged.

    Parameters
    ----------
    image
        The image's size.
    fit
        Whether to cut to the aspect or to keep the whole.
    width, height
        The rendition's size. Left out, the height is whatever the image's aspect gives.
    max_side
        The longest side that the rendition's format can hold.
    """
    if fit is Fit.COVER and height is not None:
        shown_width = min(image.width, image.height * width / height)
        shown_height = min(image.height, image.width * height / width)
    else:
        shown_width, shown_height = float(image.width), float(image.height)
    scale = min(
        1.0,
        width / shown_width,
        1.0 if height is None else height / shown_height,
        max_side / max(shown_width, shown_height),
    )
    output = Size(width=_pixels(shown_width * scale), height=_pixels(shown_height * scale))
    return Placement(output=output, shown_width=shown_width, shown_height=shown_height)


def _pixels(length: float) -> int:
    return max(1, round(length))
