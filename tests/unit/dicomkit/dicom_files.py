"""DICOM files of a made-up patient."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from dicomkit.dates import Dates
from dicomkit.deidentify import Deidentified, deidentify
from dicomkit.pseudonyms import Pseudonyms

KEY = b"a key of the tests, 32 bytes long"
PSEUDONYMS = Pseudonyms(key=KEY)

STUDY, SERIES, INSTANCE = "1.2.826.0.1.3680043.8.1", "1.2.826.0.1.3680043.8.2", "1.2.826.0.1.3680043.8.3"
NAME, PATIENT_ID = "Quistgaard^Leonora", "ZK-448812"
ROWS, COLUMNS = 8, 12


def ct(**values: object) -> Dataset:
    """Return a CT image of 8 x 12 pixels of 16 bits, with these values of attributes in place of its own."""
    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = STUDY, SERIES, INSTANCE
    dataset.PatientName, dataset.PatientID = NAME, PATIENT_ID
    dataset.PatientBirthDate, dataset.StudyDate, dataset.StudyTime = "19611204", "20200229", "142355"
    dataset.Modality, dataset.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.PixelSpacing, dataset.SliceThickness = ["0.5", "0.5"], "1.25"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = ROWS, COLUMNS, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = pixels().tobytes()
    for name, value in values.items():
        setattr(dataset, name, value)
    return dataset


def pixels() -> npt.NDArray[np.uint16]:
    """Return pixels whose values rise from 100 on."""
    return np.arange(100, 100 + ROWS * COLUMNS, dtype="<u2").reshape(ROWS, COLUMNS)


def file_of(dataset: Dataset, *, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """Write a dataset as a file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    meta.SourceApplicationEntityTitle = "LEONORA"
    dataset.file_meta = meta
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def read(data: bytes) -> FileDataset:
    """Read a file."""
    return dcmread(BytesIO(data))


def deidentified(dataset: Dataset, *, dates: Dates = Dates.EMPTY) -> Deidentified:
    """De-identify a dataset as a file."""
    return deidentify(file_of(dataset), pseudonyms=PSEUDONYMS, dates=dates)


def item(**values: object) -> Sequence:
    """Return a sequence of one item with these attributes."""
    dataset = Dataset()
    for name, value in values.items():
        setattr(dataset, name, value)
    return Sequence([dataset])
