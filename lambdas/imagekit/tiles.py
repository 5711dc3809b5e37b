"""Tiles: several pictures of one size laid out in one image, so that one look at it is a look at each of them."""

from dataclasses import dataclass
from math import ceil, isqrt

from imagekit.geometry import Box


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """How an image is divided into tiles of one size, in rows from the upper left.

    `columns`, `rows`: how many there are across and down. The last row may end early.
    """

    columns: int
    rows: int

    def place_of(self, *, x: float, y: float) -> tuple[int, int]:
        """Give the column and row, both from 0, of the tile that holds a point.

        `x`, `y`: the point, in parts of the image's width and height. One outside the image is taken to be at its edge.
        """
        return _index(x, self.columns), _index(y, self.rows)

    def box_in_image(self, box: Box, *, number: int) -> Box:
        """Convert a box in a tile to the same box in the image. What is beyond the edges of the tile is cut.

        `number`: the number of the tile, from 0, row by row.
        """
        row, column = divmod(number, self.columns)
        cut = box.cut()
        return Box(
            left=(column + cut.left) / self.columns,
            top=(row + cut.top) / self.rows,
            right=(column + cut.right) / self.columns,
            bottom=(row + cut.bottom) / self.rows,
        )


ONE_TILE = Tiles(columns=1, rows=1)
"""An image that is one picture."""


def grid_of(number: int) -> Tiles:
    """Give the grid for a number of pictures that is nearest to a square, with no empty row.

    `number`: at least 1.
    """
    columns = isqrt(number - 1) + 1
    return Tiles(columns=columns, rows=ceil(number / columns))


def _index(part: float, number: int) -> int:
    return min(number - 1, max(0, int(part * number)))
