"""How much of the text in medical pictures is found: `python -m bench.redaction.dicom_text`.

96 made-up lines are drawn into pictures of 512 x 512 pixels of 16 bits, with an organ and noise: 8 heights of letters,
4 levels of brightness and 3 places. A picture has one line, of which its header knows nothing. What is left of the line
is counted in the pixels, not by a reader of text.
"""

from collections import Counter
from io import BytesIO
from itertools import product
from time import process_time

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from dicomkit.deidentify import deidentify_with_picture
from dicomkit.pseudonyms import Pseudonyms
from dicomkit.quarantine import Quarantined
from dicomkit.reading import find_text
from safelight_contracts.redaction.dicom import Dates

_SIDE = 512
_HEIGHTS = (9, 10, 11, 12, 14, 16, 20, 28)
# How much brighter the letters are than the pixels around them. Pixels have up to 4,095. Those of the organ have up to
# 1,000, with noise of a standard deviation of 20.
_LEVELS = (3000, 400, 150, 100)
# In a corner, at the edge of the organ, and on it.
_PLACES = ((12, 12), (20, 330), (180, 240))
_NAMES = ("QUISTGAARD LEONORA", "Jansen Willem", "O'NEILL 1961-12-04", "ZK-448812 F 58Y")
# More of a line's pixels than this are left where a letter can be guessed.
_LEFT = 0.1

_Picture = npt.NDArray[np.uint16]


def main() -> None:
    """Print the outcome of each line, and a summary."""
    outcomes: Counter[str] = Counter()
    started = process_time()
    for number, (height, level, place) in enumerate(product(_HEIGHTS, _LEVELS, _PLACES)):
        picture, strokes = _with_line(number, height=height, level=level, place=place)
        outcome = _outcome(picture, strokes=strokes)
        outcomes[outcome] += 1
        if outcome != "filled":
            print(f"{outcome}: letters of {height} pixels, {level} brighter, at {place}", flush=True)
    print(f"{outcomes.total()} lines: {dict(outcomes)}, {(process_time() - started) / outcomes.total():.1f} s each")


def _outcome(picture: _Picture, *, strokes: npt.NDArray[np.bool_]) -> str:
    try:
        clean = deidentify_with_picture(
            _file(picture), pseudonyms=Pseudonyms(key=b"k" * 32), dates=Dates.EMPTY, find_text=find_text
        )
    except Quarantined:
        return "put aside"
    left = float((dcmread(BytesIO(clean.data)).pixel_array == picture)[strokes].mean())
    return "filled" if left <= _LEFT else "missed"


def _with_line(
    number: int, *, height: int, level: int, place: tuple[int, int]
) -> tuple[_Picture, npt.NDArray[np.bool_]]:
    text = Image.new("L", (_SIDE, _SIDE))
    ImageDraw.Draw(text).text(place, _NAMES[number % len(_NAMES)], fill=255, font=ImageFont.load_default(height))
    strokes = np.asarray(text) > 127
    body = _body(number)
    return (body + strokes * np.uint16(level)).astype(np.uint16), strokes


def _body(number: int) -> _Picture:
    rows, columns = np.mgrid[:_SIDE, :_SIDE] - _SIDE / 2
    noise = np.random.default_rng(number).normal(0, 20, (_SIDE, _SIDE))
    organ = 900 * np.exp(-(rows**2 + columns**2) / (2 * (_SIDE / 5) ** 2))
    return np.asarray((organ + noise + 100).clip(0, 4095), dtype=np.uint16)


def _file(picture: _Picture) -> bytes:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3.4"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Else^Someone", "A1", "CT"
    dataset.Rows, dataset.Columns = picture.shape
    dataset.SamplesPerPixel, dataset.PixelRepresentation, dataset.PhotometricInterpretation = 1, 0, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelData = picture.astype("<u2").tobytes()
    dataset["PixelData"].VR = "OW"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
