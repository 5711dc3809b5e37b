"""De-identify one file."""

from dataclasses import dataclass
from io import BytesIO

from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.sequence import Sequence
from pydicom.uid import UID

from dicomkit.classes import validate_class
from dicomkit.dates import Dates
from dicomkit.pseudonyms import Pseudonyms
from dicomkit.quarantine import Quarantined, QuarantineReason
from dicomkit.walk import Rules, removed_words, walk

# 2.25. and a random UUID, made once: it names this program, not an installation of it.
_IMPLEMENTATION = "2.25.288427126352467091216530287305843107841"
_VERSION = "SAFELIGHT"
# Codes of PS3.16, context group 7050.
_BASIC_PROFILE = ("113100", "Basic Application Confidentiality Profile")
_MODIFIED_DATES = ("113107", "Retain Longitudinal Temporal Information Modified Dates Option")
CLEAN_PIXELS = ("113101", "Clean Pixel Data Option")
"""The code of files whose pictures were searched for text."""


@dataclass(frozen=True, kw_only=True)
class Deidentified:
    """A file that can be released.

    `data`: the file. `key`: `STUDY/SERIES/INSTANCE.dcm`, of the new UIDs.
    """

    data: bytes
    key: str


def deidentify(data: bytes, *, pseudonyms: Pseudonyms, dates: Dates) -> Deidentified:
    """De-identify a file by the basic profile of PS3.15. The data of its picture stay byte for byte.

    `data`: the whole file.

    Raises
    ------
    Quarantined
        If it is not sure that nothing is left.
    """
    dataset = read(data)
    words = removed_words(dataset)
    patient, issuer = str(dataset.get("PatientID") or ""), str(dataset.get("IssuerOfPatientID") or "")
    rules = Rules(
        pseudonyms=pseudonyms,
        dates=dates,
        days=pseudonyms.days(patient, issuer=issuer),
        patient=pseudonyms.patient(patient, issuer=issuer),
        words=words,
    )
    if words.is_in_bytes(dataset.PixelData):
        raise Quarantined(QuarantineReason.TEXT_LEFT)
    if str(dataset.get("BurnedInAnnotation") or "").strip().upper() == "YES":
        raise Quarantined(QuarantineReason.ANNOTATED)
    syntax = dataset.file_meta.TransferSyntaxUID
    walk(dataset, rules=rules)
    _say_so(dataset, dates=dates)
    return Deidentified(data=_written(dataset, syntax=syntax), key=_key(dataset))


def read(data: bytes) -> FileDataset:
    """Read a file whose class can be released, and which has a picture.

    Raises
    ------
    Quarantined
        If it cannot be read wholly, or its class is not released.
    """
    try:
        dataset = dcmread(BytesIO(data))
        dataset.decode()
        # Elements are parsed when they are used. Those of sequences are too.
        dataset.walk(lambda _, __: None)
    except InvalidDicomError as error:
        raise Quarantined(QuarantineReason.NOT_DICOM) from error
    except Exception as error:
        # pydicom raises many types for damaged files, and their messages can hold values.
        raise Quarantined(QuarantineReason.MALFORMED) from error
    validate_class(str(dataset.file_meta.get("MediaStorageSOPClassUID") or ""))
    validate_class(str(dataset.get("SOPClassUID") or ""))
    if "TransferSyntaxUID" not in dataset.file_meta:
        raise Quarantined(QuarantineReason.MALFORMED)
    if "PixelData" not in dataset:
        raise Quarantined(QuarantineReason.NO_PICTURE)
    return dataset


def _say_so(dataset: Dataset, *, dates: Dates) -> None:
    codes = [_BASIC_PROFILE, *([_MODIFIED_DATES] if dates is Dates.SHIFT else [])]
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Safelight: PS3.15 basic profile"
    dataset.DeidentificationMethodCodeSequence = Sequence([_code(*code) for code in codes])
    dataset.LongitudinalTemporalInformationModified = "MODIFIED" if dates is Dates.SHIFT else "REMOVED"


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _written(dataset: FileDataset, *, syntax: UID) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = UID(_IMPLEMENTATION)
    meta.ImplementationVersionName = _VERSION
    dataset.file_meta = meta
    dataset.preamble = b"\0" * 128
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _key(dataset: Dataset) -> str:
    uids = [str(dataset.get(name) or "") for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    if not all(uids):
        raise Quarantined(QuarantineReason.MALFORMED)
    return "/".join(uids) + ".dcm"
