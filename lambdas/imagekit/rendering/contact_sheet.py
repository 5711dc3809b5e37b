"""The contact sheet: show a long, narrow image whole within a bounded square, in enough detail to judge it.

Scaled down until its long side fits, such an image would have a short side of a few pixels, in which nothing is seen.
It is cut into squares of its short side instead, each of which overlaps the next by half: what is no longer than half
that side stands whole in one of them.
"""

from math import ceil

from PIL import Image

from imagekit.geometry import Size
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.tiles import Tiles, grid_of

MAX_PLAIN_ASPECT = 3
"""The largest aspect ratio (longer side over shorter side) of an image that is shown as it is."""

MAX_ASPECT = 16
"""The largest aspect ratio. Beyond it, the squares of a sheet would be too small to judge."""

# The squares of such a sheet have 160 pixels a side where two sheets stand side by side. Where three do, those of an
# image half as long have.
_COLUMNS_AT_MAX_ASPECT = 2


def needs_contact_sheet(image: Size) -> bool:
    """Tell whether an image is so long that it needs a contact sheet."""
    longer, shorter = _sides(image)
    return longer > MAX_PLAIN_ASPECT * shorter


def check_aspect(image: Size, *, tiles: Tiles) -> None:
    """Reject an image that is too long for a contact sheet.

    Parameters
    ----------
    image
        Its size.
    tiles
        Of how many sheets the analysis image is made. Three sheets side by side leave half of the room, and so half of
        the aspect ratio.

    Raises
    ------
    ImageRejected
        `IMAGE_TOO_LARGE`, with the aspect ratio and its limit.
    """
    longer, shorter = _sides(image)
    most = MAX_ASPECT if tiles.columns <= _COLUMNS_AT_MAX_ASPECT else MAX_ASPECT // 2
    if longer > most * shorter:
        # Rounded up, so that it is never equal to the limit.
        aspect = ceil(100 * longer / shorter) / 100
        detail = {"width": image.width, "height": image.height, "aspectRatio": aspect, "maxAspectRatio": most}
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail)


def strip_size(image: Size, *, min_side: int, max_side: int) -> Size:
    """Give the size to which an image must be scaled before `contact_sheet` cuts it up.

    Parameters
    ----------
    image
        Its size; `check_aspect` has passed it.
    min_side
        In pixels. A shorter short side is enlarged to it.
    max_side
        The largest side of the sheet, in pixels.
    """
    longer, shorter = _sides(image)
    columns = _grid(image).columns
    cell = min(max_side // columns, max(min_side, shorter))
    # Rounded down, so that the strip needs no more squares than the image.
    length = longer * cell // shorter
    return Size(width=length, height=cell) if image.width > image.height else Size(width=cell, height=length)


def contact_sheet(strip: Image.Image) -> Image.Image:
    """Lay out a long image as half-overlapping squares of its short side in a nearly square grid.

    Parameters
    ----------
    strip
        In mode RGB, scaled to `strip_size`. Every pixel of it is on the sheet.

    Returns
    -------
    Image.Image
        In mode RGB; white after the last square.
    """
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
    """List where along the longer side the squares begin, in pixels; the last one ends with the image.

    Parameters
    ----------
    image
        Its size, of which one side is longer.
    """
    longer, shorter = _sides(image)
    rest = longer - shorter
    # The fewest even steps of at most half a side.
    steps = ceil(2 * rest / shorter)
    return [step * rest // steps for step in range(steps + 1)]


def _grid(image: Size) -> Tiles:
    return grid_of(len(square_starts(image)))


def _sides(image: Size) -> tuple[int, int]:
    return max(image.width, image.height), min(image.width, image.height)
