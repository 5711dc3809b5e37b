"""Cover boxes of a picture. Only their pixels are read and changed, so the cost hardly grows with the picture."""

from collections.abc import Sequence
from dataclasses import replace

import pyvips

from imagekit.decoding.decode import Decoded
from imagekit.decoding.upright import upright
from imagekit.metadata.orientation import UPRIGHT
from imagekit.redaction.pixel_boxes import PixelBox, pixel_box, without_inner
from imagekit.redaction.raster import Raster, picture_of, raster_of
from imagekit.redaction.styles import color_around, enlarge_cells, sample_cells
from safelight_contracts.redaction.boxes import Box, BoxKind
from safelight_contracts.redaction.styles import Style


def redact(picture: pyvips.Image, boxes: Sequence[Box], *, style: Style, padding: float) -> pyvips.Image:
    """Cover boxes of an upright picture. Covered pixels are opaque.

    `picture`: of 8 bits, with one to four bands.
    `style`: how faces are covered. Text and plates are filled.
    `padding`: as for `imagekit.redaction.pixel_boxes.pixel_box`.

    Result: in memory, without any metadata. Pixels outside the padded boxes are the same.
    """
    raster = raster_of(picture)
    cover(raster, boxes, style=style, padding=padding)
    return picture_of(raster)


def redact_decoded(decoded: Decoded, boxes: Sequence[Box], *, style: Style, padding: float) -> Decoded:
    """Cover boxes of a decoded image, and turn it upright. Boxes are on the upright image, whatever its orientation.

    Arguments as for `redact`.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or corrupt.
    """
    picture = upright(decoded.in_memory().pixels, orientation=decoded.orientation)
    covered = redact(picture, boxes, style=style, padding=padding)
    return replace(decoded, pixels=covered, orientation=UPRIGHT)


def cover(raster: Raster, boxes: Sequence[Box], *, style: Style, padding: float) -> None:
    """Cover boxes of a raster in place. Arguments as for `redact`.

    Of boxes of faces that overlap, only the largest is sampled, and the others are filled: they can be parts of one
    face, of which their cells together would show more than one box may.
    """
    filled: list[PixelBox] = []
    sampled: list[PixelBox] = []
    for box in boxes:
        found = pixel_box(box, image=raster.size, padding=padding)
        if found is not None:
            (filled if style is Style.FILL or box.kind is not BoxKind.FACE else sampled).append(found)
    areas: list[PixelBox] = []
    for area in without_inner(sampled):
        (filled if any(area.overlaps(one) for one in areas) else areas).append(area)
    _fill(raster, without_inner(filled), others=areas)
    # The cells of a box are made of what is there now: what is filled is not sampled.
    for area in areas:
        cells = sample_cells(raster.colors_in(area), style=style)
        raster.paint(area, enlarge_cells(cells, style=style, width=area.width, height=area.height))


def _fill(raster: Raster, boxes: Sequence[PixelBox], *, others: Sequence[PixelBox]) -> None:
    every = [*boxes, *others]
    # All colours first: none may come from a filled box.
    colors = [color_around(raster, box, boxes=every) for box in boxes]
    for box, color in zip(boxes, colors, strict=True):
        raster.fill(box, color)
