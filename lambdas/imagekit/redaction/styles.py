"""What a covered box looks like: its cells, and the colour around it.

`safelight_contracts.redaction.styles` says what of each can be restored, and `safelight_contracts.redaction.cells` how
many cells a box has.
"""

from collections.abc import Sequence

from PIL import Image, ImageStat

from imagekit.redaction.pixel_boxes import PixelBox
from imagekit.redaction.raster import Raster
from safelight_contracts.redaction.cells import cells_along, with_noise
from safelight_contracts.redaction.styles import Style

_ENLARGEMENT = {Style.BLUR: Image.Resampling.BICUBIC, Style.PIXELATE: Image.Resampling.NEAREST}
# The thickness of the frame that the colour of a filled box is taken from, in pixels.
_FRAME = 4
_GREY = 128


def sample_cells(patch: Image.Image, *, style: Style) -> Image.Image:
    """Reduce the pixels of a box to its cells, with new noise each time.

    In a video, call this once for all pictures of a face, and paint these cells in each: cells of many pictures
    together show more than those of one.

    `patch`: the pixels, in mode L or RGB.
    `style`: `Style.BLUR` or `Style.PIXELATE`.

    Result: a pixel for each cell, in the patch's mode.
    """
    size = cells_along(patch.width, style=style), cells_along(patch.height, style=style)
    cells = patch.resize(size, Image.Resampling.BOX)
    noisy = bytes(map(with_noise, cells.tobytes()))
    return Image.frombytes(cells.mode, cells.size, noisy)


def enlarge_cells(cells: Image.Image, *, style: Style, width: int, height: int) -> Image.Image:
    """Enlarge cells to the pixels that cover a box. Every pixel is made of cells alone.

    `cells`: from `sample_cells`, of a box of any size.
    `style`: `Style.BLUR` or `Style.PIXELATE`.
    `width`, `height`: of the box, in pixels.
    """
    return cells.resize((width, height), _ENLARGEMENT[style])


def color_around(raster: Raster, box: PixelBox, *, boxes: Sequence[PixelBox]) -> tuple[int, ...]:
    """Return the mean colour of the pixels just outside a box; grey if there are none.

    `boxes`: other boxes, whose pixels do not count either.
    """
    sums, number = [0.0] * raster.colors, 0
    for part in _frame(box, raster=raster, boxes=boxes):
        found = ImageStat.Stat(raster.colors_in(part), mask=raster.alpha_in(part))
        sums = [total + more for total, more in zip(sums, found.sum, strict=True)]
        number += found.count[0]
    return tuple(round(total / number) for total in sums) if number else (_GREY,) * raster.colors


def _frame(box: PixelBox, *, raster: Raster, boxes: Sequence[PixelBox]) -> list[PixelBox]:
    """Cut the frame around a box into parts that are in no box."""
    width, height = raster.size.width, raster.size.height
    left, top = max(0, box.left - _FRAME), max(0, box.top - _FRAME)
    right, bottom = min(width, box.right + _FRAME), min(height, box.bottom + _FRAME)
    near = [
        one
        for one in boxes
        if one != box and one.left < right and left < one.right and one.top < bottom and top < one.bottom
    ]
    rows = [(top, box.top), (box.bottom, bottom)]
    columns = [(left, box.left), (box.right, right)]
    return [
        *(
            PixelBox(left=start, top=first, width=end - start, height=last - first)
            for first, last in rows
            if first < last
            for start, end in _gaps(
                box.left,
                box.right,
                [(one.left, one.right) for one in near if one.top < last and first < one.bottom],
            )
        ),
        *(
            PixelBox(left=first, top=start, width=last - first, height=end - start)
            for first, last in columns
            if first < last
            for start, end in _gaps(
                box.top,
                box.bottom,
                [(one.top, one.bottom) for one in near if one.left < last and first < one.right],
            )
        ),
    ]


def _gaps(start: int, end: int, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of a range that no other range overlaps."""
    gaps = []
    for low, high in sorted(taken):
        if start < low:
            gaps.append((start, min(low, end)))
        start = max(start, high)
        if start >= end:
            return gaps
    return [*gaps, (start, end)]
