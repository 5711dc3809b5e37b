"""Redact arrays of pixels in tests."""

from collections.abc import Sequence

import numpy as np
import pyvips
from numpy.typing import NDArray

from imagekit.geometry import Size
from imagekit.redaction.pixel_boxes import PixelBox, pixel_box
from imagekit.redaction.redact import redact
from safelight_contracts.redaction.boxes import Box, BoxKind
from safelight_contracts.redaction.styles import Style

Pixels = NDArray[np.uint8]


def face(left: float, top: float, width: float, height: float, *, kind: BoxKind = BoxKind.FACE) -> Box:
    """Make a box."""
    return Box(kind=kind, left=left, top=top, width=width, height=height, confidence=99)


def redacted(pixels: Pixels, boxes: Sequence[Box], *, style: Style = Style.FILL, padding: float = 0.15) -> Pixels:
    """Redact pixels: rows, columns, and one to four channels."""
    height, width, bands = pixels.shape
    picture = pyvips.Image.new_from_memory(pixels.tobytes(), width, height, bands, "uchar")
    covered = redact(picture, boxes, style=style, padding=padding)
    return np.frombuffer(covered.write_to_memory(), np.uint8).reshape(pixels.shape)


def covered_by(box: Box, pixels: Pixels, *, padding: float = 0.15) -> PixelBox | None:
    """Return the pixels that a box covers."""
    return pixel_box(box, image=Size(width=pixels.shape[1], height=pixels.shape[0]), padding=padding)


def part(pixels: Pixels, area: PixelBox) -> Pixels:
    """Return the pixels in a box."""
    return pixels[area.top : area.bottom, area.left : area.right]
