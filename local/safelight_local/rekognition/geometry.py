"""Places in an image, as ratios of its sides from the top left corner, and how Rekognition tells them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A place: across and down, 0 to 1 inside the image."""

    x: float
    y: float


@dataclass(frozen=True)
class Box:
    """An upright rectangle, 0 to 1 inside the image."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """How far the box reaches across."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """How far the box reaches down."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """The share of the image that the box covers; 0 when it is turned inside out."""
        return max(0.0, self.width) * max(0.0, self.height)

    def intersection(self, other: Box) -> Box:
        """Return what two boxes share, which has no area when they are apart."""
        return Box(
            left=max(self.left, other.left),
            top=max(self.top, other.top),
            right=min(self.right, other.right),
            bottom=min(self.bottom, other.bottom),
        )

    def overlap(self, other: Box) -> float:
        """Return the intersection of two boxes over their union, 0 to 1."""
        shared = self.intersection(other).area
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0


def bounding_box(box: Box) -> dict[str, float]:
    """Tell a box as Rekognition's ``BoundingBox``."""
    return {"Left": box.left, "Top": box.top, "Width": box.width, "Height": box.height}
