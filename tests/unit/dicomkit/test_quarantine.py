"""What is not sure is not released, and nothing of it is told."""

import traceback
import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    BasicTextSRStorage,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    DermoscopicPhotographyImageStorage,
    EncapsulatedPDFStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    MediaStorageDirectoryStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RawDataStorage,
    RTImageStorage,
    SecondaryCaptureImageStorage,
    TwelveLeadECGWaveformStorage,
    UltrasoundImageStorage,
    VLEndoscopicImageStorage,
    VLPhotographicImageStorage,
)
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, ct, deidentified, file_of, item

from dicomkit.deidentify import deidentify
from dicomkit.quarantine import Quarantined, QuarantineReason
from safelight_contracts.redaction.dicom import Dates

_RETIRED_ULTRASOUND, _RETIRED_ULTRASOUND_FRAMES = "1.2.840.10008.5.1.4.1.1.6", "1.2.840.10008.5.1.4.1.1.3"
_VERIFICATION = "1.2.840.10008.1.1"
_HARDCOPY = "1.2.840.10008.5.1.1.29"
_TRIAL_PHOTOGRAPH, _TRIAL_PHOTOGRAPHS = "1.2.840.10008.5.1.4.1.1.77.1", "1.2.840.10008.5.1.4.1.1.77.2"
_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def _reason(data: bytes) -> QuarantineReason:
    with pytest.raises(Quarantined) as quarantined:
        deidentify(data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY)
    return quarantined.value.reason


def _without(name: str) -> Dataset:
    dataset = ct()
    delattr(dataset, name)
    return dataset


def _nested(depth: int) -> Dataset:
    inner = item(SliceThickness="1")
    for _ in range(depth):
        inner = item(SourceImageSequence=inner)
    return ct(SourceImageSequence=inner)


@pytest.mark.parametrize(
    ("uid", "reason"),
    [
        (SecondaryCaptureImageStorage, QuarantineReason.SECONDARY_CAPTURE),
        (MultiFrameTrueColorSecondaryCaptureImageStorage, QuarantineReason.SECONDARY_CAPTURE),
        (BasicTextSRStorage, QuarantineReason.STRUCTURED_REPORT),
        (EncapsulatedPDFStorage, QuarantineReason.ENCAPSULATED_DOCUMENT),
        (RTImageStorage, QuarantineReason.RADIOTHERAPY),
        (GrayscaleSoftcopyPresentationStateStorage, QuarantineReason.PRESENTATION_STATE),
        (VLPhotographicImageStorage, QuarantineReason.PHOTOGRAPH),
        (_HARDCOPY, QuarantineReason.SECONDARY_CAPTURE),
        (_TRIAL_PHOTOGRAPH, QuarantineReason.PHOTOGRAPH),
        (_TRIAL_PHOTOGRAPHS, QuarantineReason.PHOTOGRAPH),
        (DermoscopicPhotographyImageStorage, QuarantineReason.PHOTOGRAPH),
        (TwelveLeadECGWaveformStorage, QuarantineReason.UNKNOWN_CLASS),
        (RawDataStorage, QuarantineReason.UNKNOWN_CLASS),
        (_VERIFICATION, QuarantineReason.UNKNOWN_CLASS),
        (UltrasoundImageStorage, QuarantineReason.ANNOTATED),
        (_RETIRED_ULTRASOUND, QuarantineReason.ANNOTATED),
        (_RETIRED_ULTRASOUND_FRAMES, QuarantineReason.ANNOTATED),
        (VLEndoscopicImageStorage, QuarantineReason.ANNOTATED),
        (MediaStorageDirectoryStorage, QuarantineReason.DIRECTORY),
        ("1.3.46.670589.5.0.1", QuarantineReason.UNKNOWN_CLASS),
        ("1.2.840.10008.5.1.4.1.1.2.Smith", QuarantineReason.UNKNOWN_CLASS),
    ],
)
def test_classes_that_are_not_released(uid: str, reason: QuarantineReason) -> None:
    assert _reason(file_of(ct(SOPClassUID=uid))) is reason


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        (_without("PixelData"), QuarantineReason.NO_PICTURE),
        (_without("Rows"), QuarantineReason.MALFORMED),
        (_without("StudyInstanceUID"), QuarantineReason.MALFORMED),
        (ct(BurnedInAnnotation="YES"), QuarantineReason.ANNOTATED),
        (ct(Modality="US"), QuarantineReason.ANNOTATED),
        (ct(ConversionType="WSD"), QuarantineReason.ANNOTATED),
        (ct(ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]), QuarantineReason.ANNOTATED),
        (ct(RecognizableVisualFeatures="YES"), QuarantineReason.PHOTOGRAPH),
        (ct(PhotometricInterpretation="QUISTGAARD"), QuarantineReason.MALFORMED),
        (ct(SpecificCharacterSet="QUISTGAARD"), QuarantineReason.MALFORMED),
        (ct(PatientName="Xray^Bob", Modality="XRAY"), QuarantineReason.TEXT_LEFT),
        (ct(NumberOfFrames=2), QuarantineReason.UNDECODABLE),
        (ct(PixelData=b"the picture is of Quistgaard".ljust(192)), QuarantineReason.TEXT_LEFT),
        (_nested(31), QuarantineReason.TOO_DEEP),
        (ct(StudyInstanceUID=["1.2.3", "1.2.4"]), QuarantineReason.MALFORMED),
        (ct(SOPInstanceUID="1.2.840.10008.1.2"), QuarantineReason.MALFORMED),
    ],
)
def test_datasets_that_are_not_released(dataset: Dataset, reason: QuarantineReason) -> None:
    assert _reason(file_of(dataset)) is reason


def test_more_levels_than_python_can_nest_are_too_deep() -> None:
    inner = b""
    for _ in range(900):
        inner = b"\x20\x00\x11\x91SQ\0\0" + b"\xff" * 4 + b"\xfe\xff\x00\xe0" + b"\xff" * 4 + inner
        inner += b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    data = file_of(ct())
    at = data.index(b"\x28\x00\x02\x00US")
    assert _reason(data[:at] + inner + data[at:]) is QuarantineReason.TOO_DEEP


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no_meta.dcm", QuarantineReason.NOT_DICOM),
        ("meta_missing_tsyntax.dcm", QuarantineReason.UNKNOWN_CLASS),
        ("MR_truncated.dcm", QuarantineReason.UNDECODABLE),
        ("dicomdirtests/DICOMDIR", QuarantineReason.DIRECTORY),
        ("reportsi.dcm", QuarantineReason.STRUCTURED_REPORT),
        ("rtplan.dcm", QuarantineReason.RADIOTHERAPY),
        ("waveform_ecg.dcm", QuarantineReason.UNKNOWN_CLASS),
    ],
)
def test_files_of_pydicom_that_are_not_released(name: str, reason: QuarantineReason) -> None:
    assert _reason((_FILES / name).read_bytes()) is reason


def test_a_uid_as_text_is_malformed() -> None:
    # Explicit representations are bytes of the file: this one says that the study's UID is a long text.
    data = file_of(ct()).replace(b"\x20\x00\x0d\x00UI", b"\x20\x00\x0d\x00LO")
    assert _reason(data) is QuarantineReason.MALFORMED


@pytest.mark.parametrize("length", [0, 100, 131, 132, 200, 400, 900])
def test_a_cut_file_is_never_released(length: int) -> None:
    _reason(file_of(ct())[:length])


def test_a_length_of_the_picture_beyond_the_end_changes_nothing() -> None:
    data = bytearray(file_of(ct()))
    at = data.index(b"\xe0\x7f\x10\x00OW") + 8
    data[at : at + 4] = (0xFFFFFFF0).to_bytes(4, "little")
    clean = deidentify(bytes(data), pseudonyms=PSEUDONYMS, dates=Dates.EMPTY)
    assert clean.data == deidentified(ct()).data


def test_an_attribute_whose_length_swallows_the_picture_is_not_released() -> None:
    data = bytearray(file_of(ct(ICCProfile=b"x" * 8)))
    at = data.index(b"\x28\x00\x00\x20OB") + 8
    data[at : at + 4] = (0x7FFFFFF0).to_bytes(4, "little")
    assert _reason(bytes(data)) is QuarantineReason.NO_PICTURE


def test_a_group_length_that_lies_changes_nothing() -> None:
    data = file_of(ct())
    at = data.index(b"\x08\x00\x08\x00CS")
    lying = data[:at] + b"\x08\x00\x00\x00UL\x04\x00\xff\xff\0\0" + data[at:]
    clean = deidentify(lying, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY)
    assert clean.data == deidentified(ct()).data


@pytest.mark.parametrize("data", [b"", b"Quistgaard" * 100, file_of(_without("Rows")), file_of(ct())[:700]])
def test_no_value_is_in_a_message_a_traceback_or_the_output(data: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Quarantined) as quarantined:
        deidentify(data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY)
    told = "".join(traceback.format_exception(quarantined.value)) + "".join(capfd.readouterr())
    assert "Quistgaard" not in told
    assert "ZK-448812" not in told
    assert str(quarantined.value) == quarantined.value.reason


def test_invalid_values_are_neither_warned_of_nor_logged(
    recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    data = file_of(ct(SliceThickness="1")).replace(
        b"\x18\x00\x50\x00DS\x02\x001 ", b"\x18\x00\x50\x00DS\x0a\x00Quistgaard"
    )
    recwarn.clear()
    clean = deidentify(data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY)
    assert b"Quistgaard" not in clean.data
    assert not recwarn.list
    assert not caplog.records


def test_a_deflated_file_that_is_cut_is_malformed() -> None:
    data = file_of(ct(), syntax=DeflatedExplicitVRLittleEndian)
    assert _reason(data[:-20]) in (
        QuarantineReason.MALFORMED,
        QuarantineReason.NO_PICTURE,
        QuarantineReason.UNDECODABLE,
    )


def test_what_is_behind_the_deflated_dataset_does_not_pass() -> None:
    data = file_of(ct(), syntax=DeflatedExplicitVRLittleEndian) + b"Quistgaard"
    clean = deidentify(data, pseudonyms=PSEUDONYMS, dates=Dates.EMPTY).data
    start = clean.index(DeflatedExplicitVRLittleEndian.encode()) + 23
    inflated = [
        zlib.decompressobj(-15).decompress(clean[at:]) for at in range(start, start + 60) if _inflates(clean[at:])
    ]
    assert b"Quistgaard" not in clean
    assert all(b"Quistgaard" not in one for one in inflated)


def _inflates(data: bytes) -> bool:
    try:
        return len(zlib.decompressobj(-15).decompress(data)) > 200
    except zlib.error:
        return False


def test_both_classes_of_a_file_must_be_released() -> None:
    dataset = ct(SOPClassUID=SecondaryCaptureImageStorage)
    data = file_of(dataset)
    meta_says_ct = data.replace(
        b"\x02\x00\x02\x00UI\x1a\x00" + SecondaryCaptureImageStorage.encode().ljust(26, b"\0"),
        b"\x02\x00\x02\x00UI\x1a\x00" + CTImageStorage.encode().ljust(26, b"\0"),
    )
    assert meta_says_ct != data
    assert _reason(meta_says_ct) is QuarantineReason.SECONDARY_CAPTURE
