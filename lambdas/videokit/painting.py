"""Cover parts of a frame, on its planes of luma and chroma."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from imagekit.geometry import Box
from safelight_contracts.redaction.styles import Style
from videokit.cells import Cells, Samples, enlarge_cells, sample_cells

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


def sample(frame: VideoFrame, box: PixelBox, *, style: Style) -> Cells:
    """Reduce a box of a frame to the cells that cover it in all frames."""
    return sample_cells(
        [_part(samples_of(plane), _scaled(box, scale=_scale(frame, plane))) for plane in frame.planes],
        style=style,
    )


def cover(frame: VideoFrame, covers: Sequence[tuple[PixelBox, Cells | None]]) -> None:
    """Cover boxes: flat, or with the cells of their track.

    All boxes are filled first, so that cells lie over the flat ones.
    """
    fill(frame, [box for box, _ in covers])
    for box, cells in covers:
        if cells is not None:
            _paint(frame, box, cells=cells)


def _paint(frame: VideoFrame, box: PixelBox, *, cells: Cells) -> None:
    for plane, values in zip(frame.planes, cells.planes, strict=True):
        part = _part(samples_of(plane), _scaled(box, scale=_scale(frame, plane)))
        height, width = part.shape
        part[:] = enlarge_cells(values, style=cells.style, width=width, height=height)


def _part(plane: Samples, box: PixelBox) -> Samples:
    return plane[box.top : box.bottom, box.left : box.right]


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
            _part(plane, box)[:] = tone


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
    """Return the mean of the samples next to a box that no box covers."""
    near = [it for it in others if it is not box and _touches(it, box)]
    height, width = plane.shape
    left, right = max(0, box.left - 1), min(width, box.right + 1)
    total = count = 0
    for row in (box.top - 1, box.bottom):
        if 0 <= row < height:
            taken = [(it.left - left, it.right - left) for it in near if it.top <= row < it.bottom]
            samples = _uncovered(plane[row, left:right], taken=taken)
            total, count = total + int(samples.sum()), count + samples.size
    for column in (box.left - 1, box.right):
        if 0 <= column < width:
            taken = [(it.top - box.top, it.bottom - box.top) for it in near if it.left <= column < it.right]
            samples = _uncovered(plane[box.top : box.bottom, column], taken=taken)
            total, count = total + int(samples.sum()), count + samples.size
    return round(total / count) if count else _GREY


def _touches(one: PixelBox, other: PixelBox) -> bool:
    return one.left <= other.right and other.left <= one.right and one.top <= other.bottom and other.top <= one.bottom


def _uncovered(samples: Samples, *, taken: Sequence[tuple[int, int]]) -> Samples:
    if not taken:
        return samples
    free = np.ones(samples.shape, dtype=bool)
    for start, end in taken:
        free[max(0, start) : max(0, end)] = False
    return samples[free]
