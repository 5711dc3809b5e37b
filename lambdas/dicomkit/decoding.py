"""Decode the frames of a picture, with decoders of permissive licences only."""

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt
from pydicom.dataset import FileDataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from dicomkit.layout import Layout
from dicomkit.quarantine import Quarantined, QuarantineReason

# pydicom would take any decoder that it finds, also pylibjpeg-libjpeg, whose licence is the GPL. Pillow's is MIT-CMU,
# and GDCM's is BSD. GDCM is a package of its own (python-gdcm): without it, its files are undecodable.
_DECODERS: Mapping[str, str] = {
    RLELossless: "pydicom",
    **dict.fromkeys((JPEGBaseline8Bit, JPEG2000, JPEG2000Lossless), "pillow"),
    **dict.fromkeys((JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEGLSNearLossless), "gdcm"),
}
_LOW, _HIGH = 1, 99
_WHITE = 255
# The widest stroke of a letter, in pixels: 15 of 512, and more in larger pictures.
_STROKE, _STROKES = 15, 35


def decoded(dataset: FileDataset, *, layout: Layout) -> list[npt.NDArray[np.generic]]:
    """Decode each frame: rows x columns, or rows x columns x 3 in RGB. Palette colours stay numbers of the palette.

    Raises
    ------
    Quarantined
        `UNDECODABLE` if there is no decoder, or the frames are not what the header says.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    decoder = _DECODERS.get(syntax, "") if syntax.is_encapsulated else ""
    if syntax.is_encapsulated and not decoder:
        raise Quarantined(QuarantineReason.UNDECODABLE)
    try:
        frames = [pixel_array(dataset, index=index, decoding_plugin=decoder) for index in range(layout.frames)]
    except MemoryError:
        raise
    except Exception:
        # The messages of decoders can hold values.
        raise Quarantined(QuarantineReason.UNDECODABLE) from None
    shape = (layout.rows, layout.columns, *([3] if layout.samples > 1 else []))
    if any(frame.shape != shape or frame.dtype.itemsize * 8 != max(8, layout.allocated) for frame in frames):
        raise Quarantined(QuarantineReason.UNDECODABLE)
    return frames


def renderings(frame: npt.NDArray[np.generic], *, dataset: FileDataset, layout: Layout) -> list[npt.NDArray[np.uint8]]:
    """Render a frame in grey, rows x columns, twice: as it is, and with nothing but thin bright lines."""
    if layout.photometric == "PALETTE COLOR":
        frame = apply_color_lut(frame, dataset)
    if frame.ndim == 3:
        # Blue on black is dark as grey. Red on white is white as the brightest of the colours.
        return [_grey(frame.mean(axis=2)), _thin(_grey(frame.max(axis=2)))]
    # Few very bright pixels make the others black.
    low, high = np.percentile(frame.astype(np.float32), (_LOW, _HIGH))
    return [_grey(frame), _thin(_grey(np.clip(frame, low, high)))]


def _thin(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    # Text on a bright organ: it is brighter than what is around it, and thinner than the organ.
    side = max(_STROKE, min(picture.shape) // _STROKES)
    lines = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.convertScaleAbs(lines, alpha=2), dtype=np.uint8)


def _grey(frame: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    levels = frame.astype(np.float32)
    low, high = float(levels.min()), float(levels.max())
    scaled: npt.NDArray[np.uint8] = ((levels - low) * (_WHITE / max(high - low, 1e-6))).round().astype(np.uint8)
    return scaled
