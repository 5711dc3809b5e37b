"""Decode the frames of a picture, with decoders of permissive licences only."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from pydicom.dataset import FileDataset
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
