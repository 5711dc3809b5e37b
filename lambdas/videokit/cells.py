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


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Means of the cells of a box, with noise.

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
        [[_noisy(cell) for cell in np.array_split(row, columns, axis=1)] for row in np.array_split(part, rows)]
        for part in parts
    ]
    return Cells(style=style, planes=planes)


def enlarge_cells(cells: Sequence[Sequence[int]], *, style: Style, width: int, height: int) -> Samples:
    """Enlarge the cells of one plane to the samples of a box. Every sample is made of cells alone."""
    values = np.array(cells, dtype=np.float32)
    rows = _weights(height, cells=values.shape[0], style=style)
    columns = _weights(width, cells=values.shape[1], style=style)
    return (rows @ values @ columns.T + 0.5).astype(np.uint8)


def _noisy(cell: Samples) -> int:
    return with_noise(round(float(cell.mean())))


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
