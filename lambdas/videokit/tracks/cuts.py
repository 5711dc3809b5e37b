"""Where a video cuts from one shot to another, by small pictures of its brightness."""

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

# A missed cut covers too much. A false one ends a track, and a face that is missed right there is bare. So all three
# must say that there is a cut. Of 255:
_MIN_MEAN_DIFFERENCE = 16.0
# Of all pixels, the part that has another brightness. Shots of one place differ by less.
_MIN_HISTOGRAM_DIFFERENCE = 0.2
_BINS = 16
# A flash or a change of exposure keeps the picture: light stays beside dark.
_MAX_CORRELATION = 0.6


def is_cut(before: Luma, after: Luma) -> bool:
    """Decide whether two frames that follow one another belong to different shots.

    `before`, `after`: thumbnails of one shape.
    """
    if np.abs(before.astype(np.int16) - after).mean() < _MIN_MEAN_DIFFERENCE:
        return False
    return _histogram_difference(before, after) >= _MIN_HISTOGRAM_DIFFERENCE and (
        _correlation(before, after) <= _MAX_CORRELATION
    )


def _histogram_difference(before: Luma, after: Luma) -> float:
    one, other = (np.bincount(it.ravel() // (256 // _BINS), minlength=_BINS) for it in (before, after))
    return float(np.abs(one - other).sum()) / 2 / before.size


def _correlation(before: Luma, after: Luma) -> float:
    """Return the correlation of two thumbnails, -1 to 1, and 0 if one of them is flat."""
    one, other = (it - it.mean() for it in (before.astype(np.float64), after.astype(np.float64)))
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0
