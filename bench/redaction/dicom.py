"""De-identifying medical images, without a look at their pixels: `python -m bench.redaction.dicom`.

The published approach is dicom-anonymizer's own walk with its basic profile. Both read and write
bytes in memory. The images are pydicom's test files, with pictures of 512 x 512 pixels of 16 bits.
"""

import logging
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from dicomanonymizer.simpledicomanonymizer import anonymize_dataset
from pydicom import config, dcmread
from pydicom.uid import ExplicitVRLittleEndian

from bench.results import Goal, Result, Table, at_least
from bench.rounds import take_turns, timed
from bench.show import show
from dicomkit.dates import Dates
from dicomkit.deidentify import deidentify
from dicomkit.pseudonyms import Pseudonyms

LEAST_IMAGES_A_SECOND = 60
"""On one core."""

_FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
_FILES = (
    *("CT_small.dcm", "MR_small.dcm", "dicomdirtests/77654033/CR1/6154", "dicomdirtests/77654033/CT2/17106"),
    *("dicomdirtests/98892001/CT5N/2062", "dicomdirtests/98892003/MR1/15820", "dicomdirtests/98892003/MR700/4467"),
)
_SIDE = 512
_OURS, _PEER = "Safelight", "dicom-anonymizer, basic profile"


def images() -> list[bytes]:
    """Return files of CT, MR and CR, with private attributes and with 512 x 512 pixels."""
    return [_image(name, number=number) for number, name in enumerate(_FILES)]


def measure(*, rounds: int) -> Result:
    """Compare the time of an image."""
    logging.getLogger("pydicom").disabled = True
    files, pseudonyms = images(), Pseudonyms(key=b"k" * 32)
    with config.disable_value_validation():
        medians = take_turns(
            {
                _OURS: timed(partial(_ours, files, pseudonyms=pseudonyms)),
                _PEER: timed(partial(_by_dicom_anonymizer, files)),
            },
            rounds=rounds,
        )
    rates = {way: len(files) / medians.seconds[way] for way in (_OURS, _PEER)}
    return Result(
        tables=[
            Table(
                title="De-identifying medical images",
                note=f"{len(files)} images of {_SIDE} x {_SIDE} pixels, in memory, on one core. Nobody looks for text "
                "in the pictures.",
                columns={"way": "", "images a second": ".0f", "ms an image": ".1f"},
                rows=[(way, rate, 1000 / rate) for way, rate in rates.items()],
            )
        ],
        goals=[_goal(rates[_OURS])],
    )


def _goal(rate: float) -> Goal:
    return at_least(LEAST_IMAGES_A_SECOND, rate, goal="medical images a second on one core: 60 or more", digits=0)


def _image(name: str, *, number: int) -> bytes:
    dataset = dcmread(_FOLDER / name)
    noise = np.random.default_rng(number).integers(0, 4096, (_SIDE, _SIDE), dtype=np.uint16)
    dataset.Rows, dataset.Columns, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = _SIDE, _SIDE, 16, 12, 11
    dataset.PixelRepresentation, dataset.PixelData = 0, noise.astype("<u2").tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = BytesIO()
    dataset.save_as(file, implicit_vr=False, little_endian=True)
    return file.getvalue()


def _ours(files: list[bytes], *, pseudonyms: Pseudonyms) -> None:
    for data in files:
        deidentify(data, pseudonyms=pseudonyms, dates=Dates.SHIFT)


def _by_dicom_anonymizer(files: list[bytes]) -> None:
    for data in files:
        dataset = dcmread(BytesIO(data))
        anonymize_dataset(dataset)
        dataset.save_as(BytesIO())


if __name__ == "__main__":
    show(measure)
