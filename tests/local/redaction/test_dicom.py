"""A de-identification that is deployed, with its reader of text: from an upload to what becomes of it."""

import json
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import SecondaryCaptureImageStorage
from tests.local.delivery.deployments import deploy
from tests.local.emulator_clients import RuleQueue, wait_until

from safelight_contracts.redaction.service import MADE_FROM
from safelight_local.aws.deidentifying import released_file
from safelight_local.aws.redacting import follow, remove, send
from safelight_local.aws.redaction_states import Ending
from safelight_local.aws.redactions import RedactionKind, choose_redaction, deployed_redactions
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator
from safelight_local.redacted_files import RedactedFile, redact_files, remove_sent

APP = Path(__file__).parents[3] / "examples" / "dicom" / "app.py"
# The key of an upload, and the name in pydicom's file.
FOLDER, NAME = "Quistgaard^Leonora", "CompressedSamples"


def ct(**values: object) -> bytes:
    """A CT image of 128 x 128 pixels that pydicom brings, with these values of attributes in place of its own."""
    dataset = dcmread(str(get_testdata_file("CT_small.dcm")))
    for name, value in values.items():
        setattr(dataset, name, value)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    file = BytesIO()
    dataset.save_as(file)
    return file.getvalue()


@dataclass(frozen=True, kw_only=True)
class Deidentification:
    """The deployed app, and what it did with a CT image, a secondary capture and a broken file.

    `details`: those of the events.
    """

    endpoints: Endpoints
    uploads: str
    released: str
    aside: str
    logs: str
    details: list[dict[str, Any]]

    def keys(self, bucket: str) -> list[str]:
        """The keys of a bucket's objects."""
        return [it["Key"] for it in self.endpoints.s3.list_objects_v2(Bucket=bucket).get("Contents", ())]

    def objects(self, bucket: str) -> dict[str, dict[str, Any]]:
        """The heads of a bucket's objects, by key. None may be deleted in the meantime."""
        return {key: dict(self.endpoints.s3.head_object(Bucket=bucket, Key=key)) for key in self.keys(bucket)}

    def logged(self) -> str:
        pages = self.endpoints.logs.get_paginator("filter_log_events").paginate(logGroupName=self.logs)
        return "\n".join(event["message"] for page in pages for event in page["events"])


@pytest.fixture(scope="module")
def deidentification(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Deidentification:
    endpoints = emulator.endpoints
    made = deploy(APP, stack="Deidentified", endpoints=endpoints, folder=tmp_path_factory.mktemp("app"))
    outcomes = RuleQueue(endpoints, "outcomes", rule={"EventPattern": '{"source": ["safelight"]}'})
    files = {"ct": ct(), "capture": ct(SOPClassUID=SecondaryCaptureImageStorage), "broken": ct()[:5_000]}
    for name, data in files.items():
        key = f"{FOLDER}/{name}.dcm"
        endpoints.s3.put_object(Bucket=made.physical["Scans"], Key=key, Body=data, Metadata={"name": "leonora"})
    events = outcomes.take_until(lambda events: len({it["detail"]["source"] for it in events}) == len(files))
    return Deidentification(
        endpoints=endpoints,
        uploads=made.physical["Scans"],
        released=made.physical["Research"],
        aside=made.physical["Aside"],
        logs=made.physical["DicomDicomLogs"],
        details=[event["detail"] for event in events],
    )


def test_the_ct_image_is_released_without_its_name(deidentification: Deidentification) -> None:
    (place,) = (it["destination"] for it in deidentification.details if it["status"] == "DEIDENTIFIED")
    assert place["bucket"] == deidentification.released
    key, released = place["key"], deidentification.endpoints.s3.get_object(Bucket=place["bucket"], Key=place["key"])
    assert released["ContentType"] == "application/dicom"
    data = released["Body"].read()
    assert NAME.encode() not in data
    clean = dcmread(BytesIO(data))
    assert key == f"{clean.StudyInstanceUID}/{clean.SeriesInstanceUID}/{clean.SOPInstanceUID}.dcm"
    assert clean.PixelData == dcmread(BytesIO(ct())).PixelData
    # The reader has looked at the picture.
    assert clean.BurnedInAnnotation == "NO"


def test_the_others_are_put_aside_with_a_reason(deidentification: Deidentification) -> None:
    found = deidentification.objects(deidentification.aside)
    reasons = [head["Metadata"]["safelight-quarantined"] for key, head in found.items() if key.startswith("files/")]
    assert len(reasons) == 2
    assert "SECONDARY_CAPTURE" in reasons
    announced = {it["reason"] for it in deidentification.details if it["status"] == "QUARANTINED"}
    assert announced == set(reasons)


def test_nothing_says_who_the_patient_is(deidentification: Deidentification) -> None:
    found = [deidentification.objects(bucket) for bucket in (deidentification.released, deidentification.aside)]
    # The log of a function is there when it has ended, and it announces an outcome before.
    wait_until(lambda: deidentification.logged().count('"Kept"') >= 3)
    seen = json.dumps([found, deidentification.details], default=str) + deidentification.logged()
    for secret in (FOLDER, "Quistgaard", "Leonora", "leonora", NAME):
        assert secret not in seen


def everything(deidentification: Deidentification) -> list[str]:
    """The keys of all that is in the buckets."""
    buckets = (deidentification.uploads, deidentification.released, deidentification.aside)
    return [key for bucket in buckets for key in deidentification.keys(bucket)]


def test_nothing_is_left_of_an_upload_that_is_deleted(deidentification: Deidentification) -> None:
    s3, before = deidentification.endpoints.s3, everything(deidentification)
    released = deidentification.keys(deidentification.released)
    bucket, key = deidentification.uploads, f"{FOLDER}/deleted.dcm"
    s3.put_object(Bucket=bucket, Key=key, Body=ct(SOPInstanceUID="1.2.826.0.1.3680043.8.3"))
    wait_until(lambda: len(deidentification.keys(deidentification.released)) > len(released))
    s3.delete_object(Bucket=bucket, Key=key)
    # The entry of the index goes after the file.
    wait_until(lambda: everything(deidentification) == before)


def redact(deidentification: Deidentification, path: Path) -> RedactedFile:
    """What the command does with a file."""
    redaction = choose_redaction(deployed_redactions(deidentification.endpoints), kind=RedactionKind.DICOM)
    (redacted,) = redact_files(
        deidentification.endpoints,
        files=[(path, redaction, path.parent)],
        afterwards=remove_sent,
        deadline=time.monotonic() + 120,
        show=lambda _: None,
        validate=lambda: None,
    )
    return redacted


def test_a_command_gets_the_released_file_and_leaves_nothing(
    deidentification: Deidentification, tmp_path: Path
) -> None:
    before, path = everything(deidentification), tmp_path / "scan.dcm"
    path.write_bytes(ct(SOPInstanceUID="1.2.826.0.1.3680043.8.4"))
    redacted = redact(deidentification, path)
    assert (redacted.ending, redacted.written) == (Ending.REDACTED, tmp_path / "scan.redacted.dcm")
    assert NAME not in str(dcmread(tmp_path / "scan.redacted.dcm"))
    assert everything(deidentification) == before


def test_a_command_says_why_a_file_is_put_aside_and_leaves_nothing(
    deidentification: Deidentification, tmp_path: Path
) -> None:
    before, path = everything(deidentification), tmp_path / "scan.dcm"
    path.write_bytes(ct(SOPClassUID=SecondaryCaptureImageStorage, SOPInstanceUID="1.2.826.0.1.3680043.8.5"))
    redacted = redact(deidentification, path)
    assert (redacted.ending, redacted.state.reason) == (Ending.QUARANTINED, "SECONDARY_CAPTURE")
    assert redacted.written is None
    assert everything(deidentification) == before


def test_a_command_leaves_the_file_of_another_upload_of_the_same_instance(
    deidentification: Deidentification, tmp_path: Path
) -> None:
    endpoints = deidentification.endpoints
    redaction = choose_redaction(deployed_redactions(endpoints), kind=RedactionKind.DICOM)
    path = tmp_path / "scan.dcm"
    path.write_bytes(ct(SOPInstanceUID="1.2.826.0.1.3680043.8.6"))
    sent = send(endpoints, redaction=redaction, path=path)
    *_, ended = follow(endpoints, sent=sent)
    assert ended.ending is Ending.REDACTED
    bucket, key = released_file(endpoints, sent=sent)
    endpoints.s3.put_object(Bucket=bucket, Key=key, Body=b"of another upload", Metadata={MADE_FROM: "other/version"})
    remove(endpoints, sent=sent)
    assert endpoints.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"of another upload"
    endpoints.s3.delete_object(Bucket=bucket, Key=key)
