"""Real faces, cut out of photographs that scikit-image ships, with the box of each labelled by eye."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Face:
    """A photograph with one face.

    Parameters
    ----------
    pixels
        Height x width x 3, red before green before blue.
    left, top, width, height
        The face in the photograph, from the hairline to the chin, in pixels.
    margin
        How much of the photograph around the face is shown, in parts of the face's size on each side.
    """

    pixels: Pixels
    left: float
    top: float
    width: float
    height: float
    margin: float


@cache
def astronaut() -> Face:
    """Return a face in colour of 120 pixels."""
    return Face(pixels=data.astronaut(), left=180, top=58, width=90, height=122, margin=0.35)


@cache
def person(number: int) -> Face:
    """Return one of a hundred faces of the data set "Labeled Faces in the Wild", in grey and of 24 pixels."""
    grey = (data.lfw_subset()[:100][number] * 255).astype(np.uint8)
    return Face(pixels=cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), left=2, top=1, width=21, height=24, margin=0.1)  # type: ignore[arg-type]
