"""The contact sheet: show a long, narrow image whole within a bounded square, in enough detail to judge it.

If such an image were scaled until its long side fits, its short side would have only a few pixels, and nothing would
be visible. Instead, the image is cut into squares of its short side. Each square overlaps the next by half, so that
anything up to half as long as that side is whole in one of the squares.
"""

from math import ceil
from typing import TYPE_CHECKING

from imagekit.geometry import Size
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.tiles import Tiles, grid_of

if TYPE_CHECKING:
    from PIL import Image

MAX_PLAIN_ASPECT = 3
"""The largest aspect ratio (longer side over shorter side) of an image that is shown as it is."""

MAX_ASPECT = 16
"""The largest aspect ratio. Beyond it, the squares of a sheet would be too small to judge."""

# At the largest aspect ratio, the squares of a sheet have 160 pixels a side if two sheets are side by side. If three
# sheets are, the squares of an image half as long have that size.
_COLUMNS_AT_MAX_ASPECT = 2


def needs_contact_sheet(image: Size) -> bool:
    """Return whether an image is so long that it needs a contact sheet."""
    longer, shorter = _sides(image)
    return longer > MAX_PLAIN_ASPECT * shorter


def validate_aspect(image: Size, *, tiles: Tiles) -> None:
    """Reject an image that is too long for a contact sheet.

    `tiles`: how the analysis image is divided into sheets. Three sheets side by side leave half of the room, so they
    halve the maximum aspect ratio.

    Raises ImageRejected: `IMAGE_TOO_LARGE`, with the aspect ratio and its limit.
    """
    longer, shorter = _sides(image)
    most = MAX_ASPECT if tiles.columns <= _COLUMNS_AT_MAX_ASPECT else MAX_ASPECT // 2
    if longer > most * shorter:
        # Rounded up, so that it is never equal to the limit.
        aspect = ceil(100 * longer / shorter) / 100
        detail = {"width": image.width, "height": image.height, "aspectRatio": aspect, "maxAspectRatio": most}
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail)


def strip_size(image: Size, *, min_side: int, max_side: int) -> Size:
    """Return the size to which you must scale an image before `contact_sheet` cuts it up.

    `image`: the size of the image. `validate_aspect` must have accepted it.
    `min_side`: in pixels. A short side below it is enlarged to it.
    `max_side`: the maximum side of the sheet, in pixels.
    """
    longer, shorter = _sides(image)
    columns = _grid(image).columns
    cell = min(max_side // columns, max(min_side, shorter))
    # Rounded down, so that the strip does not need more squares than the image.
    length = longer * cell // shorter
    return Size(width=length, height=cell) if image.width > image.height else Size(width=cell, height=length)


def contact_sheet(strip: "Image.Image") -> "Image.Image":
    """Lay out a long image as half-overlapping squares of its short side in a nearly square grid.

    `strip`: in mode RGB, scaled to `strip_size`. Every pixel of it is on the sheet.

    Result: in mode RGB. White after the last square.
    """
    # Imported here, because functions that only ask whether an image is long import this module too.
    from PIL import Image

    size = Size(width=strip.width, height=strip.height)
    cell = min(strip.size)
    grid = _grid(size)
    sheet = Image.new("RGB", (grid.columns * cell, grid.rows * cell), "white")
    for number, start in enumerate(square_starts(size)):
        left, top = (start, 0) if strip.width > strip.height else (0, start)
        square = strip.crop((left, top, left + cell, top + cell))
        sheet.paste(square, (number % grid.columns * cell, number // grid.columns * cell))
    return sheet


def square_starts(image: Size) -> list[int]:
    """List where along the longer side the squares begin, in pixels. The last square ends with the image.

    `image`: the size of the image. One side must be longer than the other.
    """
    longer, shorter = _sides(image)
    rest = longer - shorter
    # The smallest number of equal steps of at most half a side.
    steps = ceil(2 * rest / shorter)
    return [step * rest // steps for step in range(steps + 1)]


def _grid(image: Size) -> Tiles:
    return grid_of(len(square_starts(image)))


def _sides(image: Size) -> tuple[int, int]:
    return max(image.width, image.height), min(image.width, image.height)
