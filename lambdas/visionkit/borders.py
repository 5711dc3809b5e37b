"""A picture in a border. In it, a detector finds faces that fill the picture or reach beyond its edges.

CenterFace misses faces that are shown from chin to forehead only, unless there is something around them.
"""

from dataclasses import dataclass

import numpy as np

from imagekit.geometry import Box
from visionkit.image import Pixels, fitted

_SIDE = 320
_GREY = 127


@dataclass(frozen=True, kw_only=True)
class Bordered:
    """A picture in its border.

    `pixels`: the longer side has about 320 pixels.
    `picture`: where the picture is in it.
    """

    pixels: Pixels
    picture: Box

    def in_picture(self, box: Box) -> Box:
        """Convert a box of the whole to the same box of the picture."""
        shown = self.picture
        width, height = shown.right - shown.left, shown.bottom - shown.top
        return Box(
            left=(box.left - shown.left) / width,
            top=(box.top - shown.top) / height,
            right=(box.right - shown.left) / width,
            bottom=(box.bottom - shown.top) / height,
        )


def bordered(pixels: Pixels) -> Bordered:
    """Scale a picture, and put it into a grey border that is as wide as the picture's shorter side."""
    shorter, longer = sorted(pixels.shape[:2])
    picture = fitted(pixels, side=max(1, round(_SIDE * longer / (longer + 2 * shorter))))
    height, width = picture.shape[:2]
    border = min(height, width)
    rows, columns = height + 2 * border, width + 2 * border
    whole = np.full((rows, columns, 3), _GREY, dtype=np.uint8)
    whole[border : border + height, border : border + width] = picture
    return Bordered(
        pixels=whole,
        picture=Box(
            left=border / columns,
            top=border / rows,
            right=(border + width) / columns,
            bottom=(border + height) / rows,
        ),
    )
