"""Boxes of a detector as whole pixels: padded, clipped to the image, and snapped outwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from imagekit.geometry import Size
from safelight_contracts.redaction.boxes import Box

MIN_PADDING = 2
"""The least padding of each side, in pixels."""

MIN_SIDE = 16
"""The least width and height of what is covered, in pixels, as far as the image reaches."""


@dataclass(frozen=True, kw_only=True)
class PixelBox:
    """A rectangle of at least one pixel, inside an image."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column behind it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.height

    @property
    def area(self) -> int:
        """The number of its pixels."""
        return self.width * self.height

    def contains(self, other: "PixelBox") -> bool:
        """Return whether all pixels of another box are in this one."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def overlaps(self, other: "PixelBox") -> bool:
        """Return whether another box has a pixel of this one."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def pixel_box(box: Box, *, image: Size, padding: float) -> PixelBox | None:
    """Return the pixels to cover for a box; None if the padded box is outside the image.

    The edges are even numbers, because two by two pixels share a colour in most photographs and videos, or the image's
    own last column and row.

    `image`: the size of the upright image.
    `padding`: how far each side moves outwards, as a part of the box's width or height. At least `MIN_PADDING` pixels.
    """
    across = _covered(box.left, box.width, side=image.width, padding=padding)
    down = _covered(box.top, box.height, side=image.height, padding=padding)
    if across is None or down is None:
        return None
    return PixelBox(left=across[0], top=down[0], width=across[1] - across[0], height=down[1] - down[0])


def without_inner(boxes: Iterable[PixelBox]) -> list[PixelBox]:
    """Return boxes without those that lie inside another one, the largest first."""
    kept: list[PixelBox] = []
    for box in sorted(boxes, key=lambda one: one.area, reverse=True):
        if not any(larger.contains(box) for larger in kept):
            kept.append(box)
    return kept


def _covered(start: float, length: float, *, side: int, padding: float) -> tuple[int, int] | None:
    """Return the first pixel and the one behind the last, along one side."""
    low, high = start * side, (start + length) * side
    margin = max(MIN_PADDING, padding * (high - low), (MIN_SIDE - (high - low)) / 2)
    first, end = 2 * floor((low - margin) / 2), 2 * ceil((high + margin) / 2)
    first, end = max(0, first), min(side, end)
    return (first, end) if first < end else None
