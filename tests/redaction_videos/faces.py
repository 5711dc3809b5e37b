"""Real faces, cut out of photographs that scikit-image ships, with the box of each labelled by eye."""

from dataclasses import dataclass
from functools import cache

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
    return Face(
        pixels=np.asarray(data.astronaut(), dtype=np.uint8),  # type: ignore[no-untyped-call]
        left=180,
        top=58,
        width=90,
        height=122,
        margin=0.35,
    )


@cache
def person(number: int) -> Face:
    """Return one of a hundred faces of the data set "Labeled Faces in the Wild", in grey and of 24 pixels.

    They are cut so closely, without hair and ears, that detectors miss every sixth. `bench.redaction.bare_frames`
    counts all of them. The labelled set has those that the detector finds: it tests what follows detection.
    """
    people = data.lfw_subset()[:100]  # type: ignore[no-untyped-call]
    grey = (people[number] * 255).astype(np.uint8)
    return Face(pixels=np.repeat(grey[..., None], 3, axis=2), left=3, top=1, width=19, height=24, margin=0.15)
