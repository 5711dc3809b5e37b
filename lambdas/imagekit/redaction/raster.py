"""Pixels of 8 bits in memory that are changed in place."""

from collections.abc import Sequence
from typing import Any

import pyvips
from PIL import Image

from imagekit.geometry import Size
from imagekit.redaction.pixel_boxes import PixelBox

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_COLORS = {1: 1, 2: 1, 3: 3, 4: 3}
_OPAQUE = 255


class Raster:
    """A picture as rows of bytes. Reading and painting a box costs nothing for the rest of the picture.

    `pixels`: a writable buffer of height x width x bands bytes: grey, grey and alpha, RGB or RGBA. It is changed.
    """

    def __init__(self, pixels: Any, *, size: Size, bands: int) -> None:
        self._bytes = memoryview(pixels).cast("B")
        self._row = size.width * bands
        self.pixels = pixels
        self.size = size
        self.bands = bands

    @property
    def colors(self) -> int:
        """The number of bands without alpha."""
        return _COLORS[self.bands]

    def colors_in(self, box: PixelBox) -> Image.Image:
        """Copy the colours of a box, in mode L or RGB."""
        return self._copy(box).convert(_MODES[self.colors])

    def alpha_in(self, box: PixelBox) -> Image.Image | None:
        """Copy the alpha channel of a box; None if the picture has none."""
        return None if self.bands == self.colors else self._copy(box).getchannel("A")

    def paint(self, box: PixelBox, picture: Image.Image) -> None:
        """Replace the pixels of a box by opaque ones.

        `picture`: of the box's size, in the mode of `colors_in`.
        """
        if self.bands > self.colors:
            picture = picture.copy()
            picture.putalpha(_OPAQUE)
        self._replace(box, memoryview(picture.tobytes()), step=box.width * self.bands)

    def fill(self, box: PixelBox, color: Sequence[int]) -> None:
        """Replace the pixels of a box by opaque ones of one colour."""
        alpha = [_OPAQUE] * (self.bands - self.colors)
        self._replace(box, memoryview(bytes([*color, *alpha]) * box.width), step=0)

    def _copy(self, box: PixelBox) -> Image.Image:
        mode = _MODES[self.bands]
        start = self._offset(box, row=box.top)
        return Image.frombytes(mode, (box.width, box.height), self._bytes[start:], "raw", mode, self._row)

    def _replace(self, box: PixelBox, rows: memoryview, *, step: int) -> None:
        length = box.width * self.bands
        for number in range(box.height):
            start = self._offset(box, row=box.top + number)
            self._bytes[start : start + length] = rows[number * step : number * step + length]

    def _offset(self, box: PixelBox, *, row: int) -> int:
        return row * self._row + box.left * self.bands


def raster_of(picture: pyvips.Image) -> Raster:
    """Copy the pixels of a picture of 8 bits with one to four bands."""
    size = Size(width=picture.width, height=picture.height)
    return Raster(picture.write_to_memory(), size=size, bands=picture.bands)


def picture_of(raster: Raster) -> pyvips.Image:
    """Return a picture of the pixels themselves. It has no metadata, and changes with the raster."""
    size = raster.size
    picture = pyvips.Image.new_from_memory(raster.pixels, size.width, size.height, raster.bands, "uchar")
    named: pyvips.Image = picture.copy(interpretation="srgb" if raster.colors > 1 else "b-w")
    return named
