"""The commands find redactions by the outputs of their stacks."""

from pathlib import Path
from typing import Any

from tests.synth.redaction.dicom import SynthesisedDicom
from tests.synth.redaction.videos import SynthesisedVideos

from safelight_local.aws.redactions import OUTPUTS, RedactionKind


def names(built: Any, kind: RedactionKind) -> set[tuple[str, str]]:
    """The constructs and the names of outputs that commands read."""
    matches = [OUTPUTS[kind].fullmatch(name) for name in built.document["Outputs"]]
    return {(match["construct"], match["output"]) for match in matches if match}


def test_a_service_without_prefixes_is_found(build: Any) -> None:
    assert names(build(), RedactionKind.PHOTO) == {
        ("Redaction", "PhotoSourceBucketName"),
        ("Redaction", "RedactedPhotosBucketName"),
        ("Redaction", "PhotoReviewsBucketName"),
        ("Redaction", "PhotoRedactionArn"),
    }


def test_the_prefixes_of_a_service_are_outputs(build: Any) -> None:
    prefixed = names(build(source_prefix="in/", destination_prefix="out/"), RedactionKind.PHOTO)
    assert {("Redaction", "PhotoSourcePrefix"), ("Redaction", "RedactedPhotosPrefix")} <= prefixed


def test_a_redaction_of_videos_is_found_with_its_prefixes(tmp_path: Path) -> None:
    built = SynthesisedVideos(outdir=tmp_path, arguments={"source_prefix": "in/", "destination_prefix": "out/"})
    assert names(built, RedactionKind.VIDEO) == {
        ("Videos", "VideoSourceBucketName"),
        ("Videos", "VideoSourcePrefix"),
        ("Videos", "RedactedVideosBucketName"),
        ("Videos", "RedactedVideosPrefix"),
        ("Videos", "VideoReviewsBucketName"),
        ("Videos", "VideoRedactionArn"),
    }


def test_a_de_identification_is_found_with_its_prefixes(tmp_path: Path) -> None:
    prefixes = {"source_prefix": "in/", "destination_prefix": "out/", "quarantine_prefix": "aside/"}
    built = SynthesisedDicom(outdir=tmp_path, arguments=prefixes)
    assert names(built, RedactionKind.DICOM) == {
        ("Dicom", "DicomSourceBucketName"),
        ("Dicom", "DicomSourcePrefix"),
        ("Dicom", "ReleasedDicomBucketName"),
        ("Dicom", "ReleasedDicomPrefix"),
        ("Dicom", "DicomQuarantineBucketName"),
        ("Dicom", "DicomQuarantinePrefix"),
        ("Dicom", "DicomKeySecretArn"),
        ("Dicom", "DicomDeidentificationArn"),
    }
