"""Where a video cuts from one shot to another, by small pictures of its brightness."""

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

ROWS, COLUMNS = 18, 32
"""The size of a thumbnail, whatever the size of its frame."""

# A missed cut covers too much. A false one ends a track, and a face that is missed right there is bare. So all three
# must say that there is a cut. Of 255:
_MIN_MEAN_DIFFERENCE = 16.0
# Of all pixels, the part that has another brightness. Shots of one place differ by less.
_MIN_HISTOGRAM_DIFFERENCE = 0.2
_BINS = 16
# A flash or a change of exposure keeps the picture: light stays beside dark.
_MAX_CORRELATION = 0.6


def thumbnail(luma: Luma) -> Luma:
    """Reduce a frame to the means of ROWS x COLUMNS parts.

    `luma`: height x width, at least one pixel. A part of less than one pixel is the nearest one.
    """
    tops, bottoms = _edges(luma.shape[0], parts=ROWS)
    lefts, rights = _edges(luma.shape[1], parts=COLUMNS)
    sums = np.zeros((luma.shape[0] + 1, luma.shape[1] + 1), dtype=np.int64)
    np.cumsum(np.cumsum(luma, axis=0, dtype=np.int64), axis=1, out=sums[1:, 1:])
    total = sums[bottoms][:, rights] - sums[tops][:, rights] - sums[bottoms][:, lefts] + sums[tops][:, lefts]
    pixels = np.outer(bottoms - tops, rights - lefts)
    return (total / pixels).astype(np.uint8)


def is_cut(before: Luma, after: Luma) -> bool:
    """Decide whether two frames that follow one another belong to different shots.

    `before`, `after`: thumbnails of one shape.
    """
    if np.abs(before.astype(np.int16) - after).mean() < _MIN_MEAN_DIFFERENCE:
        return False
    return _histogram_difference(before, after) >= _MIN_HISTOGRAM_DIFFERENCE and (
        _correlation(before, after) <= _MAX_CORRELATION
    )


def _edges(length: int, *, parts: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    edges = np.arange(parts + 1, dtype=np.int64) * length // parts
    lows = np.minimum(edges[:-1], length - 1)
    return lows, np.maximum(edges[1:], lows + 1)


def _histogram_difference(before: Luma, after: Luma) -> float:
    one, other = (np.bincount(it.ravel() // (256 // _BINS), minlength=_BINS) for it in (before, after))
    return float(np.abs(one - other).sum()) / 2 / before.size


def _correlation(before: Luma, after: Luma) -> float:
    """Return the correlation of two thumbnails, -1 to 1, and 0 if one of them is flat."""
    one, other = (it - it.mean() for it in (before.astype(np.float64), after.astype(np.float64)))
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0
