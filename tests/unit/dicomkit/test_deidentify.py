"""What is left of a patient in a de-identified file: nothing."""

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from tests.unit.child_python import run_python
from tests.unit.dicomkit.dicom_files import (
    INSTANCE,
    NAME,
    PATIENT_ID,
    PSEUDONYMS,
    SERIES,
    STUDY,
    ct,
    deidentified,
    file_of,
    item,
    pixels,
    read,
)

from dicomkit.dates import Dates
from dicomkit.deidentify import deidentify
from dicomkit.pseudonyms import Pseudonyms

_SYNTAXES = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)


def _with_private(dataset: Dataset) -> Dataset:
    block = dataset.private_block(0x0029, "SAFELIGHT TESTS", create=True)
    block.add_new(0x01, "LO", "Quistgaard was here")
    block.add_new(0x02, "SQ", item(PatientName=NAME))
    return dataset


def _with_overlay(dataset: Dataset) -> Dataset:
    dataset.add_new(0x60003000, "OW", b"Quistgaard")
    dataset.add_new(0x60020022, "LO", "Quistgaard")
    return dataset


@pytest.mark.parametrize(
    "dataset",
    [
        _with_private(ct()),
        _with_overlay(ct()),
        ct(StudyDescription="Head of Quistgaard"),
        ct(ImageComments="Quistgaard", PatientComments="Quistgaard"),
        ct(PerFrameFunctionalGroupsSequence=item(FrameContentSequence=item(FrameComments="Quistgaard"))),
        ct(PerFrameFunctionalGroupsSequence=item(ReferencedImageSequence=item(PatientName=NAME))),
        ct(AnatomicRegionSequence=item(CodeValue="1", CodeMeaning="Head of Quistgaard")),
        ct(ConvolutionKernel="quistgaard", ScanOptions="QUISTGAARD", Manufacturer="Scanners of QuistGaard"),
        ct(LUTExplanation="Quistgaard", ContrastBolusAgent="Quistgaard"),
        ct(PixelPaddingRangeLimit=None, ICCProfile=b"an old profile of Quistgaard"),
        ct(ImageType=["DERIVED", "PRIMARY", "QUISTGAARD"]),
        ct(FrameOfReferenceUID="1.2.840.10008.Quistgaard"),
    ],
)
def test_the_name_is_nowhere_in_the_file(dataset: Dataset) -> None:
    assert b"quistgaard" not in deidentified(dataset).data.lower()


@pytest.mark.parametrize("syntax", _SYNTAXES)
def test_the_transfer_syntax_and_the_pixels_stay(syntax: str) -> None:
    before = ct()
    if syntax == ExplicitVRBigEndian:
        before.PixelData = pixels().astype(">u2").tobytes()
    clean = read(deidentify(file_of(before, syntax=syntax), pseudonyms=PSEUDONYMS, dates=Dates.EMPTY).data)
    assert clean.file_meta.TransferSyntaxUID == syntax
    assert (clean.pixel_array == pixels()).all()
    assert clean.PixelData == before.PixelData


def test_the_geometry_stays() -> None:
    clean = read(deidentified(ct(ImagePositionPatient=["-158.135803", "-179.035797", "-75.699997"])).data)
    assert [str(value) for value in clean.ImagePositionPatient] == ["-158.135803", "-179.035797", "-75.699997"]
    assert (clean.Rows, clean.Columns, clean.PixelSpacing) == (8, 12, [0.5, 0.5])
    assert clean.SOPClassUID == CTImageStorage


def test_an_old_uid_is_nowhere_in_the_file() -> None:
    source = item(ReferencedSOPClassUID=CTImageStorage, ReferencedSOPInstanceUID=INSTANCE)
    frames = item(DerivationImageSequence=item(SourceImageSequence=source))
    clean = deidentified(ct(PerFrameFunctionalGroupsSequence=frames, LUTExplanation=f"made of {STUDY}"))
    assert not any(uid.encode() in clean.data for uid in (STUDY, SERIES, INSTANCE))


def test_a_reference_to_an_instance_points_to_its_new_uid() -> None:
    source = item(ReferencedSOPClassUID=CTImageStorage, ReferencedSOPInstanceUID=INSTANCE)
    clean = read(deidentified(ct(SourceImageSequence=source)).data)
    assert clean.SourceImageSequence[0].ReferencedSOPInstanceUID == clean.SOPInstanceUID
    assert clean.SourceImageSequence[0].ReferencedSOPClassUID == CTImageStorage


def test_the_file_meta_name_the_new_instance_and_no_application() -> None:
    clean = read(deidentified(ct()).data)
    assert clean.file_meta.MediaStorageSOPInstanceUID == clean.SOPInstanceUID
    assert "SourceApplicationEntityTitle" not in clean.file_meta
    assert clean.preamble == b"\0" * 128


def test_uids_agree_in_another_process() -> None:
    program = """
from tests.unit.dicomkit.dicom_files import ct, deidentified
print(deidentified(ct()).key)
"""
    assert run_python(program) == deidentified(ct()).key


def test_uids_depend_on_the_key() -> None:
    other = deidentify(file_of(ct()), pseudonyms=Pseudonyms(key=b"x" * 32), dates=Dates.EMPTY)
    assert other.key != deidentified(ct()).key


def test_the_key_of_the_file_is_made_of_the_new_uids() -> None:
    clean = deidentified(ct())
    new = read(clean.data)
    assert clean.key == f"{new.StudyInstanceUID}/{new.SeriesInstanceUID}/{new.SOPInstanceUID}.dcm"
    assert new.SOPInstanceUID.startswith("2.25.")
    assert len(new.SOPInstanceUID) <= 64


def test_the_patient_is_a_pseudonym_that_agrees_in_all_files() -> None:
    first, second = read(deidentified(ct()).data), read(deidentified(ct(SOPInstanceUID="1.2.9")).data)
    other = read(deidentified(ct(PatientID="ZK-448813")).data)
    assert first.PatientID == second.PatientID != other.PatientID
    assert str(first.PatientName) == first.PatientID != PATIENT_ID


def test_the_file_says_what_was_done() -> None:
    clean = read(deidentified(ct(), dates=Dates.SHIFT).data)
    assert clean.PatientIdentityRemoved == "YES"
    assert [code.CodeValue for code in clean.DeidentificationMethodCodeSequence] == ["113100", "113107"]
    assert clean.LongitudinalTemporalInformationModified == "MODIFIED"


def test_a_name_in_kept_text_is_reported_by_its_attribute() -> None:
    clean = deidentified(ct(ConvolutionKernel="Leonora", LUTExplanation="plain"))
    assert clean.refused == ["(0018,1210)"]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        # A word of a place that is a word of the manufacturer is no secret.
        ({"InstitutionName": "Siemens Clinic", "Manufacturer": "Siemens Healthcare"}, "Manufacturer"),
        ({"StudyDescription": "CT HEAD", "BodyPartExamined": "HEAD"}, "BodyPartExamined"),
        ({"PatientName": "Axial^Bob", "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, "ImageType"),
        ({"PatientName": "Mr^X", "Modality": "MR"}, "Modality"),
        ({"PatientID": "1", "SeriesNumber": "1"}, "SeriesNumber"),
    ],
)
def test_terms_that_say_nothing_of_a_patient_stay(values: dict[str, object], kept: str) -> None:
    assert read(deidentified(ct(**values)).data)[kept].value == values[kept]


@pytest.mark.parametrize(
    ("values", "gone"),
    [
        ({"PatientID": "0044881"}, {"SeriesNumber": "44881"}),
        ({"PatientID": "44-88-1299"}, {"ConvolutionKernel": "44881299"}),
        ({"AccessionNumber": "A77001"}, {"ConvolutionKernel": "xA77001x"}),
        ({"PatientName": "Müller^Zoë"}, {"ConvolutionKernel": "muller"}),
        ({"PatientName": "Wu^Li"}, {"ConvolutionKernel": "of Wu"}),
        ({"PatientBirthDate": "19611204"}, {"ConvolutionKernel": "1961-12-04"}),
        ({"OperatorsName": "Vandenberghe"}, {"ConvolutionKernel": "VandenbergheFilter"}),
        ({"InstitutionName": "Clinic Rotwald"}, {"ConvolutionKernel": "Rotwald"}),
        ({"OtherPatientIDsSequence": item(PatientID="QX99120")}, {"ConvolutionKernel": "QX99120"}),
        (
            {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Yamada=山田^太郎"},
            {"ConvolutionKernel": "医師山田様"},
        ),
    ],
)
def test_a_removed_value_in_a_kept_attribute_is_emptied(values: dict[str, object], gone: dict[str, object]) -> None:
    clean = read(deidentified(ct(**values, **gone)).data)
    assert all(clean[name].is_empty for name in gone)


def test_a_nested_item_with_its_own_character_set_is_read_in_it() -> None:
    region = item(SpecificCharacterSet="ISO_IR 144", CodeMeaning="Иванов", CodeValue="1")
    clean = deidentified(ct(SpecificCharacterSet="ISO_IR 192", PatientName="Иванов^И", AnatomicRegionSequence=region))
    assert read(clean.data).AnatomicRegionSequence[0]["CodeMeaning"].is_empty
