"""Whatever is nested in whatever: no removed value's bytes are in the file."""

from string import ascii_lowercase

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from tests.unit.dicomkit.dicom_files import PSEUDONYMS, ct, file_of

from dicomkit.deidentify import deidentify
from safelight_contracts.redaction.dicom import Dates

_SEQUENCES = (
    *("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence", "FrameContentSequence"),
    *("ReferencedImageSequence", "SourceImageSequence", "AnatomicRegionSequence", "DerivationImageSequence"),
    *("OriginalAttributesSequence", "RequestAttributesSequence", "ContentSequence", "IconImageSequence"),
)
_REMOVED_TEXTS = (
    *("PatientComments", "StudyDescription", "SeriesDescription", "InstitutionName", "InstitutionAddress"),
    *(
        "AccessionNumber",
        "StudyID",
        "StationName",
        "OtherPatientIDs",
        "FrameComments",
        "ProtocolName",
        "PatientAddress",
    ),
    *("RequestedProcedureDescription", "ImageComments", "AdmissionID", "DeviceSerialNumber", "MedicalRecordLocator"),
)
_NAMES = ("PatientName", "OperatorsName", "ReferringPhysicianName", "OtherPatientNames", "ReviewerName")
_KEPT_TEXTS = ("LUTExplanation", "ConvolutionKernel", "CodeMeaning", "ManufacturerModelName", "SequenceName")
_UIDS = ("FrameOfReferenceUID", "ReferencedSOPInstanceUID", "ConcatenationUID", "SynchronizationFrameOfReferenceUID")


def _word(number: int) -> str:
    letters = ""
    while number:
        number, letter = divmod(number, len(ascii_lowercase))
        letters += ascii_lowercase[letter]
    return f"zq{letters}"


# Words of 8 to 14 letters that no other value, and no word of Safelight's, is made of. A number is drawn in a tenth of
# the time of a text.
_words = st.integers(min_value=26**7, max_value=26**14 - 1).map(_word)
_uids = st.integers(min_value=10**20, max_value=10**30).map(lambda number: f"1.2.826.0.1.{number}")


@st.composite
def _datasets(draw: st.DrawFn, *, name: str, depth: int) -> tuple[Dataset, set[str]]:
    dataset, secrets = Dataset(), set[str]()
    for keyword in draw(st.sets(st.sampled_from(_REMOVED_TEXTS), max_size=4)):
        secret = draw(_words)
        setattr(dataset, keyword, secret)
        secrets.add(secret)
    for keyword in draw(st.sets(st.sampled_from(_NAMES), max_size=2)):
        secret = draw(_words)
        setattr(dataset, keyword, f"{secret}^{name}")
        secrets.add(secret)
    for keyword in draw(st.sets(st.sampled_from(_UIDS), max_size=2)):
        secret = draw(_uids)
        setattr(dataset, keyword, secret)
        secrets.add(secret)
    # The patient's name where the table expects none.
    for keyword in draw(st.sets(st.sampled_from(_KEPT_TEXTS), max_size=3)):
        setattr(dataset, keyword, draw(st.sampled_from([name, name.upper(), f"of {name}", f"x{name}x"])))
    if draw(st.booleans()):
        secret = draw(_words)
        dataset.private_block(0x0011, secret, create=True).add_new(
            0x01, draw(st.sampled_from(["LO", "UN"])), secret.encode()
        )
        secrets.add(secret)
    if depth:
        for keyword in draw(st.sets(st.sampled_from(_SEQUENCES), max_size=2)):
            inner = draw(st.lists(_datasets(name=name, depth=depth - 1), min_size=1, max_size=2))
            setattr(dataset, keyword, Sequence([one for one, _ in inner]))
            dataset[keyword].is_undefined_length = draw(st.booleans())
            secrets |= {secret for _, found in inner for secret in found}
    return dataset, secrets


@st.composite
def _files(draw: st.DrawFn) -> tuple[bytes, set[str]]:
    name = draw(_words)
    dataset, secrets = draw(_datasets(name=name, depth=3))
    outer = ct(PatientName=f"{name}^Bob", PatientID=draw(_words))
    secrets |= {name, str(outer.PatientID), str(outer.StudyInstanceUID)}
    outer.update({tag: element for tag, element in dataset.items() if tag not in outer})
    secrets |= {str(dataset.PatientName).partition("^")[0]} if "PatientName" in dataset else set()
    syntax = draw(st.sampled_from([ImplicitVRLittleEndian, ExplicitVRLittleEndian]))
    return file_of(outer, syntax=syntax), secrets


@settings(max_examples=60, deadline=None)
@given(file=_files(), dates=st.sampled_from(Dates))
def test_no_removed_value_is_anywhere_in_the_file(file: tuple[bytes, set[str]], dates: Dates) -> None:
    data, secrets = file
    clean = deidentify(data, pseudonyms=PSEUDONYMS, dates=dates).data.lower()
    assert [secret for secret in secrets if secret.encode() in clean] == []
