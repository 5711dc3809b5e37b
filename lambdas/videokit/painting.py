"""Cover parts of a frame, on its planes of luma and chroma."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from imagekit.geometry import Box

Samples: TypeAlias = npt.NDArray[np.uint8]

# Limited and full range both show this as grey.
_GREY = 128


@dataclass(frozen=True, kw_only=True)
class PixelBox:
    """Whole pixels of a stored frame. `right` and `bottom` are the first ones outside. All are even, or at the edge."""

    left: int
    top: int
    right: int
    bottom: int


def pixel_box(box: Box, *, orientation: int, width: int, height: int) -> PixelBox | None:
    """Snap a box outward to even pixels, so that it covers whole samples of chroma.

    `box`: in the upright frame. `orientation`: how the stored frame is turned for display, as EXIF numbers it.
    `width`, `height`: of the stored frame.

    Returns None if the box is wholly outside the frame.
    """
    cut = box.as_stored(orientation=orientation)
    left, right = _snapped(cut.left, cut.right, side=width)
    top, bottom = _snapped(cut.top, cut.bottom, side=height)
    if left >= right or top >= bottom:
        return None
    return PixelBox(left=left, top=top, right=right, bottom=bottom)


def _snapped(low: float, high: float, *, side: int) -> tuple[int, int]:
    # Limited first: a float beyond any frame has no integer.
    low, high = max(0.0, min(1.0, low)) * side, max(0.0, min(1.0, high)) * side
    return floor(low / 2) * 2, min(side, ceil(high / 2) * 2)


def fill(frame: VideoFrame, boxes: Sequence[PixelBox]) -> None:
    """Paint boxes flat, each in the mean colour of the pixels just outside it. A box without any becomes grey.

    The colours are read before anything is painted, and pixels inside other boxes count for none of them.
    """
    planes = [samples_of(plane) for plane in frame.planes]
    scales = [_scale(frame, plane) for plane in frame.planes]
    scaled = [[_scaled(box, scale=scale) for box in boxes] for scale in scales]
    colors = [
        [_color_around(plane, box, others=parts) for box in parts] for plane, parts in zip(planes, scaled, strict=True)
    ]
    for plane, parts, tones in zip(planes, scaled, colors, strict=True):
        for box, tone in zip(parts, tones, strict=True):
            plane[box.top : box.bottom, box.left : box.right] = tone


def samples_of(plane: VideoPlane) -> Samples:
    """Return the samples of a plane, which share its memory."""
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _scale(frame: VideoFrame, plane: VideoPlane) -> tuple[int, int]:
    return round(frame.width / plane.width), round(frame.height / plane.height)


def _scaled(box: PixelBox, *, scale: tuple[int, int]) -> PixelBox:
    across, down = scale
    return PixelBox(
        left=box.left // across, top=box.top // down, right=-(-box.right // across), bottom=-(-box.bottom // down)
    )


def _color_around(plane: Samples, box: PixelBox, *, others: Sequence[PixelBox]) -> int:
    height, width = plane.shape
    left, top, right, bottom = (
        max(0, box.left - 1),
        max(0, box.top - 1),
        min(width, box.right + 1),
        min(height, box.bottom + 1),
    )
    ring = np.ones((bottom - top, right - left), dtype=bool)
    for other in others:
        ring[
            max(0, other.top - top) : max(0, other.bottom - top), max(0, other.left - left) : max(0, other.right - left)
        ] = False
    around = plane[top:bottom, left:right][ring]
    return round(float(around.mean())) if around.size else _GREY
