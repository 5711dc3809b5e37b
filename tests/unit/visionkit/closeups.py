"""Faces that fill a picture: no hair, no neck and no ears around them."""

import cv2
import numpy as np
from skimage import data
from tests.redaction_videos.faces import Pixels

from imagekit.geometry import Box

_CENTRE_X, _CENTRE_Y = 221, 114
_CHIN_TO_BROW = 76


def closeup(*, shown: float, width: int, height: int) -> Pixels:
    """The face of an astronaut. Red before green before blue.

    `shown`: how much of it is shown downwards. 1 is from the chin to the middle of the forehead.
    """
    photo = np.asarray(data.astronaut(), dtype=np.uint8)  # type: ignore[no-untyped-call]
    down = _CHIN_TO_BROW * shown / 2
    across = down * width / height
    part = photo[
        round(_CENTRE_Y - down) : round(_CENTRE_Y + down), round(_CENTRE_X - across) : round(_CENTRE_X + across)
    ]
    return cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)


def fills(box: Box) -> bool:
    """Return whether a box has the eyes, the nose and the mouth of a `closeup`."""
    return box.left < 0.3 and box.top < 0.35 and box.right > 0.7 and box.bottom > 0.7
