"""Boxes that move: arithmetic on their edges."""

from collections.abc import Sequence
from dataclasses import dataclass

from imagekit.geometry import Box


@dataclass(frozen=True, kw_only=True)
class Motion:
    """How fast the edges of a box move, in parts of the frame a second."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def across(self) -> float:
        """The speed of the faster vertical edge, without its sign."""
        return max(abs(self.left), abs(self.right))

    @property
    def down(self) -> float:
        """The speed of the faster horizontal edge, without its sign."""
        return max(abs(self.top), abs(self.bottom))


STILL = Motion(left=0, top=0, right=0, bottom=0)


def motion_between(earlier: Box, later: Box, *, seconds: float) -> Motion:
    """Return the motion that takes one box to another in that time."""
    return Motion(
        left=(later.left - earlier.left) / seconds,
        top=(later.top - earlier.top) / seconds,
        right=(later.right - earlier.right) / seconds,
        bottom=(later.bottom - earlier.bottom) / seconds,
    )


def moved(box: Box, motion: Motion, *, seconds: float) -> Box:
    """Return where a box is after some time, or before it if `seconds` is negative.

    A motion that shrinks the box to nothing only moves its centre.
    """
    left, top = box.left + motion.left * seconds, box.top + motion.top * seconds
    right, bottom = box.right + motion.right * seconds, box.bottom + motion.bottom * seconds
    least_width, least_height = (box.right - box.left) / 2, (box.bottom - box.top) / 2
    if right - left < least_width:
        centre = (left + right) / 2
        left, right = centre - least_width / 2, centre + least_width / 2
    if bottom - top < least_height:
        centre = (top + bottom) / 2
        top, bottom = centre - least_height / 2, centre + least_height / 2
    return Box(left=left, top=top, right=right, bottom=bottom)


def between(earlier: Box, later: Box, *, part: float) -> Box:
    """Return the box on the straight way from one to another. `part`: 0 is the earlier one, 1 the later one."""
    rest = 1 - part
    return Box(
        left=earlier.left * rest + later.left * part,
        top=earlier.top * rest + later.top * part,
        right=earlier.right * rest + later.right * part,
        bottom=earlier.bottom * rest + later.bottom * part,
    )


def hull(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that contains all of them."""
    return Box(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )


def grown(box: Box, *, across: float, down: float) -> Box:
    """Return the box with each vertical edge moved out by `across`, and each horizontal one by `down`."""
    return Box(left=box.left - across, top=box.top - down, right=box.right + across, bottom=box.bottom + down)


def overlap(one: Box, other: Box) -> float:
    """Return the common area of two boxes as a part of the area that they cover together (IoU), 0 to 1."""
    common = _positive(min(one.right, other.right) - max(one.left, other.left)) * _positive(
        min(one.bottom, other.bottom) - max(one.top, other.top)
    )
    together = area(one) + area(other) - common
    return common / together if together > 0 else 0.0


def growth(one: Box, other: Box) -> float:
    """Return the factor by which the width or height of two boxes differs more, 1 or more."""
    width, height = one.right - one.left, one.bottom - one.top
    other_width, other_height = other.right - other.left, other.bottom - other.top
    return max(width / other_width, other_width / width, height / other_height, other_height / height)


def shift(one: Box, other: Box) -> float:
    """Return how far the centres of two boxes are apart, across or down, in parts of the frame."""
    across = abs(one.left + one.right - other.left - other.right) / 2
    down = abs(one.top + one.bottom - other.top - other.bottom) / 2
    return max(across, down)


def area(box: Box) -> float:
    """Return the area of a box, as a part of the frame's."""
    return (box.right - box.left) * (box.bottom - box.top)


def _positive(length: float) -> float:
    return max(0.0, length)
