"""The layout of a picture's pixels."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicomkit.quarantine import Quarantined, QuarantineReason

_WIDTHS = frozenset({1, 8, 16, 32})


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The layout of a picture.

    `rows`, `columns`: pixels. `frames`: pictures. `samples`: of a pixel, 1 or 3. `allocated`, `stored`: bits of a
    sample. `high`: the number of its highest bit. `signed`: whether samples are. `photometric`: what they mean.
    """

    rows: int
    columns: int
    frames: int
    samples: int
    allocated: int
    stored: int
    high: int
    signed: bool
    photometric: str

    @property
    def length(self) -> int:
        """The bytes of all frames if they are not encapsulated, without padding."""
        samples = self.rows * self.columns * self.frames * self.samples
        if self.photometric == "YBR_FULL_422":
            # Two pixels share their colour (PS3.3, C.7.6.3.1.2).
            samples = samples // 3 * 2
        return (samples * self.allocated + 7) // 8


def layout_of(dataset: Dataset) -> Layout:
    """Read the layout of a dataset.

    Raises
    ------
    Quarantined
        `MALFORMED` if an attribute is missing or no valid one.
    """
    allocated = int(dataset.BitsAllocated)
    stored = int(dataset.get("BitsStored") or allocated)
    layout = Layout(
        rows=int(dataset.Rows),
        columns=int(dataset.Columns),
        frames=int(dataset.get("NumberOfFrames") or 1),
        samples=int(dataset.get("SamplesPerPixel") or 1),
        allocated=allocated,
        stored=stored,
        high=int(dataset.get("HighBit") or stored - 1),
        signed=int(dataset.get("PixelRepresentation") or 0) == 1,
        photometric=str(dataset.PhotometricInterpretation),
    )
    valid = (
        min(layout.rows, layout.columns, layout.frames) > 0
        and layout.samples in (1, 3)
        and allocated in _WIDTHS
        and 0 < stored <= layout.high + 1 <= allocated
    )
    if not valid:
        raise Quarantined(QuarantineReason.MALFORMED)
    return layout
