"""Boxes that move: arithmetic on their edges, for many boxes at once."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from imagekit.geometry import Box

Floats: TypeAlias = npt.NDArray[np.float64]

Edges: TypeAlias = Floats
"""Boxes: the last axis has the left, upper, right and lower edge, in parts of the frame."""

Motions: TypeAlias = Floats
"""How fast the edges of boxes move: the last axis is that of `Edges`, in parts of the frame a second."""


def edges_of(boxes: Iterable[Box]) -> Edges:
    """Return boxes as an array with one row for each."""
    rows = [(box.left, box.top, box.right, box.bottom) for box in boxes]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def box_of(edges: Iterable[float]) -> Box:
    """Return the box with these four edges."""
    left, top, right, bottom = edges
    return Box(left=left, top=top, right=right, bottom=bottom)


def widths(boxes: Edges) -> Floats:
    """Return the width of each box."""
    return boxes[..., 2] - boxes[..., 0]


def heights(boxes: Edges) -> Floats:
    """Return the height of each box."""
    return boxes[..., 3] - boxes[..., 1]


def areas(boxes: Edges) -> Floats:
    """Return the area of each box, as a part of the frame's."""
    return widths(boxes) * heights(boxes)


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
    return float(areas(edges_of([box]))[0])


def speeds_across(motions: Motions) -> Floats:
    """Return the speed of the faster vertical edge of each box, without its sign."""
    return np.maximum(np.abs(motions[..., 0]), np.abs(motions[..., 2]))


def speeds_down(motions: Motions) -> Floats:
    """Return the speed of the faster horizontal edge of each box, without its sign."""
    return np.maximum(np.abs(motions[..., 1]), np.abs(motions[..., 3]))


def moved(boxes: Edges, motions: Motions, *, seconds: Floats) -> Edges:
    """Return where boxes are after some time, or before it where `seconds` is negative.

    A motion that shrinks a box to nothing only moves its centre.
    """
    after = boxes + motions * seconds[..., None]
    for low, high, least in ((0, 2, widths(boxes) / 2), (1, 3, heights(boxes) / 2)):
        shrinks = after[..., high] - after[..., low] < least
        centre = (after[..., low] + after[..., high]) / 2
        after[..., low] = np.where(shrinks, centre - least / 2, after[..., low])
        after[..., high] = np.where(shrinks, centre + least / 2, after[..., high])
    return after


def between(earlier: Edges, later: Edges, *, part: Floats) -> Edges:
    """Return the boxes on the straight way from one to another. `part`: 0 is the earlier one, 1 the later one."""
    return earlier * (1 - part)[..., None] + later * part[..., None]


def hull(*boxes: Edges) -> Edges:
    """Return the smallest boxes that contain those of all arguments."""
    stacked = np.stack(boxes)
    return np.concatenate([stacked[..., :2].min(axis=0), stacked[..., 2:].max(axis=0)], axis=-1)


def grown(boxes: Edges, *, across: Floats, down: Floats) -> Edges:
    """Return the boxes with each vertical edge moved out by `across`, and each horizontal one by `down`."""
    return boxes + np.stack([-across, -down, across, down], axis=-1)


def overlaps(ones: Edges, others: Edges) -> Floats:
    """Return the common area of boxes as a part of the area that they cover together (IoU), 0 to 1."""
    left, top = (np.maximum(ones[..., low], others[..., low]) for low in (0, 1))
    right, bottom = (np.minimum(ones[..., high], others[..., high]) for high in (2, 3))
    common = np.maximum(0.0, right - left) * np.maximum(0.0, bottom - top)
    together = areas(ones) + areas(others) - common
    shares: Floats = np.divide(common, together, out=np.zeros_like(common), where=together > 0)
    return shares


def overlap(one: Box, other: Box) -> float:
    """Return the common area of two boxes as a part of the area that they cover together (IoU), 0 to 1."""
    return float(overlaps(edges_of([one]), edges_of([other]))[0])
