"""A few cells that stand for a face in all frames of its track."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from safelight_contracts.redaction.cells import cells_along, with_noise
from safelight_contracts.redaction.styles import Style

Samples: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

# Of a cell's Gaussian, as a part of the box. Wiener's filter restores about 1 / sigma samples a side.
_SIGMA = 0.25


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Smooth means of a box around the centres of its cells, with noise.

    `planes`: for luma, blue and red, the rows of cells, 0 to 255. As stored, not as displayed.
    """

    style: Style
    planes: Sequence[Sequence[Sequence[int]]]

    def as_json(self) -> dict[str, Any]:
        """Return the cells as `from_json` reads them."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Cells":
        """Read what `as_json` returned."""
        return cls(style=Style(told["style"]), planes=told["planes"])


def sample_cells(parts: Sequence[Samples], *, style: Style) -> Cells:
    """Reduce a box to its cells, with new noise each time.

    Call this once for a track, and paint the result in all its frames: the cells of many frames together show more than
    those of one.

    `parts`: the samples of the box in the planes of luma, blue and red. None is empty.
    """
    height, width = parts[0].shape
    rows, columns = (cells_along(side, style=style) for side in (height, width))
    planes = [
        [
            [with_noise(round(float(value))) for value in row]
            for row in cell_weights(part.shape[0], cells=rows) @ part @ cell_weights(part.shape[1], cells=columns).T
        ]
        for part in parts
    ]
    return Cells(style=style, planes=planes)


@lru_cache(maxsize=512)
def cell_weights(side: int, *, cells: int) -> Floats:
    """Return the part of each sample along one side of a box in each cell: one row a cell.

    A cell is no mean of its own samples: a face that is lost and found again has several tracks, whose boxes lie a
    little differently, and such means together show what each alone does not: 7 samples a side of two tracks, and 11 of
    a hundred. A Gaussian of a quarter of the box has so little of any finer detail that noise hides it in all of them.
    """
    places = (np.arange(side) + 0.5) / side
    centres = (np.arange(cells) + 0.5) / cells
    weights = np.exp(-(((places[None, :] - centres[:, None]) / _SIGMA) ** 2) / 2)
    normalised: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised


def enlarge_cells(cells: Sequence[Sequence[int]], *, style: Style, width: int, height: int) -> Samples:
    """Enlarge the cells of one plane to the samples of a box. Every sample is made of cells alone."""
    values = np.array(cells, dtype=np.float32)
    rows = _weights(height, cells=values.shape[0], style=style)
    columns = _weights(width, cells=values.shape[1], style=style)
    return (rows @ values @ columns.T + 0.5).astype(np.uint8)


@lru_cache(maxsize=512)
def _weights(side: int, *, cells: int, style: Style) -> Floats:
    """Return the part of each cell in each sample along one side: one row a sample."""
    # The place of each sample, counted in cells from the centre of the first one.
    places = (np.arange(side) + 0.5) * cells / side - 0.5
    if style is Style.PIXELATE:
        places = np.rint(places)
    away = np.abs(np.clip(places, 0, cells - 1)[:, None] - np.arange(cells))
    weights: Floats = np.maximum(0, 1 - away).astype(np.float32)
    return weights
