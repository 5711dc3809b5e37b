"""Points and boxes in an image, as ratios of its sides from the top left corner, and their form in Rekognition."""

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
        """The width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """The height."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """The share of the image that the box covers. 0 if its sides are reversed."""
        return max(0.0, self.width) * max(0.0, self.height)

    def intersection(self, other: Box) -> Box:
        """Return the intersection of two boxes. It has no area if they do not overlap."""
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
    """Convert a box to Rekognition's ``BoundingBox``."""
    return {"Left": box.left, "Top": box.top, "Width": box.width, "Height": box.height}
