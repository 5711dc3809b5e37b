from pathlib import Path

import pytest
from tests.local.redactions import deploy_redaction

from safelight_local.aws.redactions import Redaction, RedactionKind, choose_redaction, deployed_redactions, kind_of
from safelight_local.emulator.process import Emulator
from safelight_local.errors import NothingDeployedError, UserError


def redaction(*, stack: str, kind: RedactionKind = RedactionKind.PHOTO) -> Redaction:
    return Redaction(
        kind=kind, name="Redaction", stack=stack, source_bucket="in", destination_bucket="out", arn=f"arn:{stack}"
    )


def test_a_redaction_is_found_by_its_outputs(emulator: Emulator) -> None:
    prefixes = {"PhotoSourcePrefix": "in/", "RedactedPhotosPrefix": "out/"}
    stage = deploy_redaction(emulator.endpoints, stack="Prefixed", outputs=prefixes)
    found = stage.redaction
    assert (found.kind, found.name, found.stack) == (RedactionKind.PHOTO, "Redaction", "Prefixed")
    assert (found.source_prefix, found.destination_key("in/a.jpg")) == ("in/", "out/in/a.jpg")
    assert found in deployed_redactions(emulator.endpoints)


@pytest.mark.parametrize("name", ["a.mp4", "a.MOV", "a.m4v", "a.mkv"])
def test_a_video_is_known_by_its_name(name: str) -> None:
    assert kind_of(Path(name)) is RedactionKind.VIDEO


@pytest.mark.parametrize("name", ["a.jpg", "a.HEIC", "a"])
def test_any_other_file_is_taken_for_a_photograph(name: str) -> None:
    assert kind_of(Path(name)) is RedactionKind.PHOTO


@pytest.mark.parametrize("name", ["scan.dcm", "SCAN.DCM"])
def test_a_dicom_file_is_known_by_its_name(name: str) -> None:
    assert kind_of(Path(name)) is RedactionKind.DICOM


def test_the_only_redaction_of_a_kind_needs_no_name() -> None:
    video = redaction(stack="B", kind=RedactionKind.VIDEO)
    assert choose_redaction([redaction(stack="A"), video], kind=RedactionKind.VIDEO) == video


def test_a_redaction_is_chosen_by_stack_and_name() -> None:
    both = [redaction(stack="A"), redaction(stack="B")]
    assert choose_redaction(both, kind=RedactionKind.PHOTO, name="B/Redaction").stack == "B"


@pytest.mark.parametrize(
    ("name", "says"), [(None, "more than one"), ("Redaction", "more than one"), ("C", "no redaction 'C'")]
)
def test_a_name_that_does_not_choose_one_is_rejected_with_the_names(name: str | None, says: str) -> None:
    both = [redaction(stack="A"), redaction(stack="B")]
    with pytest.raises(UserError, match=rf"{says} .*choose with --service one of A/Redaction, B/Redaction"):
        choose_redaction(both, kind=RedactionKind.PHOTO, name=name)


@pytest.mark.parametrize(
    ("kind", "construct"),
    [
        (RedactionKind.PHOTO, "RedactionService"),
        (RedactionKind.VIDEO, "VideoRedaction"),
        (RedactionKind.DICOM, "DicomDeidentification"),
    ],
)
def test_nothing_that_takes_a_file_is_reported_with_the_construct_to_add(kind: RedactionKind, construct: str) -> None:
    with pytest.raises(NothingDeployedError, match=rf"{kind.value} is deployed: add a {construct} .*`safelight up`"):
        choose_redaction([], kind=kind)
