"""Text is looked for in JPEG-LS files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, read

from dicomkit.burned_in import FoundText
from dicomkit.deidentify import deidentify_with_picture
from safelight_contracts.redaction.dicom import Dates

_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def test_the_frames_are_read_and_stay_byte_for_byte() -> None:
    data = (_FILES / "MR_small_jpeg_ls_lossless.dcm").read_bytes()
    seen: set[tuple[int, ...]] = set()

    def find_text(picture: npt.NDArray[np.uint8]) -> Sequence[FoundText]:
        seen.add(picture.shape)
        return []

    clean = deidentify_with_picture(data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY, find_text=find_text)
    assert seen == {(64, 64)}
    assert read(clean.data).PixelData == read(data).PixelData
