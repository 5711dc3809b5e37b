"""What is removed at the outermost level is removed at every other one."""

from collections.abc import Callable, Mapping

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from tests.unit.dicomkit.dicom_files import INSTANCE, NAME, PATIENT_ID, ct, deidentified, item

# The deepest that is read: see `QuarantineReason.TOO_DEEP`.
DEPTHS = (1, 2, 7, 30)
SECRET = "zqRotwald"


def with_private_block(dataset: Dataset) -> None:
    block = dataset.private_block(0x0029, SECRET, create=True)
    block.add_new(0x01, "LO", SECRET)
    block.add_new(0x02, "SQ", item(PatientComments=SECRET))
    block.add_new(0x03, "UN", SECRET.encode())


def with_overlay(dataset: Dataset) -> None:
    dataset.add_new(0x60000022, "LO", SECRET)
    dataset.add_new(0x601E3000, "OW", SECRET.encode() + b"\0")


def with_curve(dataset: Dataset) -> None:
    dataset.add_new(0x50002500, "LO", SECRET)
    dataset.add_new(0x50043000, "OW", SECRET.encode() + b"\0")


def with_comments(dataset: Dataset) -> None:
    dataset.ImageComments, dataset.InstitutionName, dataset.OperatorsName = SECRET, SECRET, f"{SECRET}^X"


def with_name_in_kept_text(dataset: Dataset) -> None:
    dataset.ConvolutionKernel, dataset.CodeMeaning = NAME.partition("^")[0], f"of {PATIENT_ID}"


def with_old_uid(dataset: Dataset) -> None:
    dataset.ReferencedSOPInstanceUID, dataset.FrameOfReferenceUID = INSTANCE, f"{INSTANCE}.9"


def with_icon(dataset: Dataset) -> None:
    dataset.IconImageSequence = item(PixelData=SECRET.encode() + b"\0")
    dataset.IconImageSequence[0]["PixelData"].VR = "OW"


HIDDEN: Mapping[str, tuple[Callable[[Dataset], None], str]] = {
    "private block": (with_private_block, SECRET),
    "overlay": (with_overlay, SECRET),
    "curve": (with_curve, SECRET),
    "comments": (with_comments, SECRET),
    "name in kept text": (with_name_in_kept_text, NAME.partition("^")[0]),
    "number in kept text": (with_name_in_kept_text, PATIENT_ID),
    "old UID": (with_old_uid, INSTANCE),
    "icon": (with_icon, SECRET),
}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_is_left_of_it_at_any_level(name: str, depth: int) -> None:
    hide, secret = HIDDEN[name]
    inner = Dataset()
    for _ in range(depth):
        hide(inner)
        outer = Dataset()
        outer.SourceImageSequence = Sequence([inner])
        inner = outer
    dataset = ct(SourceImageSequence=inner.SourceImageSequence)
    assert secret.lower().encode() not in deidentified(dataset).data.lower()
