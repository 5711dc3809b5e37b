"""What becomes of a medical image follows the upload, and says nothing of the patient."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from logging import StreamHandler
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.dicomkit.dicom_files import INSTANCE, NAME, SERIES, STUDY, ct, file_of, read
from tests.unit.recorded import Recorded
from tests.unit.redaction_functions.deidentifying import (
    KEY,
    RELEASED,
    SECRET,
    Deidentifying,
    before,
    capture,
    configured,
    stored_in_another_second,
)

from awskit import clients
from awskit.logs import logger
from awskit.redaction import large_objects
from awskit.redaction.dicom import keeping
from safelight.redaction.steps import dicom as dicom_step
from safelight_contracts.redaction.dicom import DicomSettings

# What a reader of keys, logs and events must not see.
SECRETS = ("Quistgaard", "Leonora", "448812", STUDY, SERIES, INSTANCE, "scans/")


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What the function logs."""
    handler, text = logger().registered_handler, StringIO()
    assert isinstance(handler, StreamHandler)
    before = handler.setStream(text)
    yield text
    handler.setStream(before)


def test_a_file_is_released_under_its_new_uids(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    assert dicom.handle()
    assert (dicom.released(), dicom.aside()) == ([RELEASED], [])
    file = dicom.file(RELEASED)
    assert read(file["Data"]).PatientName != NAME
    assert file["ContentType"] == "application/dicom"


def test_nothing_of_the_upload_is_in_the_metadata(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()), Metadata={"patient": "leonora"})
    dicom.handle()
    assert dicom.file(RELEASED)["Metadata"].keys() == {"safelight-redacted-from"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [(capture(), "SECONDARY_CAPTURE"), (b"nothing", "NOT_DICOM"), (b"", "NOT_DICOM"), (file_of(ct())[:-9], None)],
    ids=["secondary capture", "text", "empty", "truncated"],
)
def test_what_is_not_sure_is_put_aside_with_the_reason(dicom: Deidentifying, data: bytes, reason: str | None) -> None:
    dicom.put(data, Metadata={"patient": "leonora"}, Tagging="patient=leonora")
    assert dicom.handle()
    assert dicom.released() == []
    (key,) = dicom.aside()
    place = {"Bucket": dicom.settings.quarantine_bucket, "Key": key}
    stored = dicom.s3.get_object(**place)
    assert stored["Body"].read() == data
    assert stored["Metadata"].keys() == {"safelight-redacted-from", "safelight-quarantined"}
    ((name, detail),) = dicom.events(expected=1)
    assert (name, detail["status"]) == ("Dicom Quarantined", "QUARANTINED")
    assert reason in (None, detail["reason"])
    assert stored["Metadata"]["safelight-quarantined"] == detail["reason"]
    assert dicom.s3.get_object_tagging(**place)["TagSet"] == [
        {"Key": "safelight-quarantined", "Value": detail["reason"]}
    ]
    assert detail["destination"] == {"bucket": dicom.settings.quarantine_bucket, "key": key}


def test_a_file_that_is_too_large_is_put_aside_unread(dicom: Deidentifying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_DICOM_BYTES", 10)
    dicom.put(file_of(ct()))
    dicom.handle()
    ((_, detail),) = dicom.events(expected=1)
    assert detail["reason"] == "TOO_LARGE"


def test_the_event_of_a_released_file_names_it_and_a_keyed_hash_of_the_upload(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    dicom.handle()
    assert dicom.events(expected=1) == [
        (
            "Dicom Deidentified",
            {
                "redaction": "Dicom",
                "source": dicom.source(),
                "versionId": None,
                "status": "DEIDENTIFIED",
                "reason": None,
                "destination": {"bucket": dicom.settings.destination_bucket, "key": RELEASED},
            },
        )
    ]


def test_who_has_the_secret_can_compute_the_hash_of_a_key(dicom: Deidentifying) -> None:
    # As docs/how-to/deidentify-dicom.md shows.
    place = f"{dicom.settings.destination_bucket}/{dicom.settings.destination_prefix}"
    told = "\0".join(("name", "source", dicom.settings.source_bucket, place, KEY))
    digest = hmac.new(SECRET.encode(), told.encode(), "sha256").hexdigest()
    assert digest[:32] == dicom.source()


def test_no_key_log_or_event_says_anything_of_the_patient(dicom: Deidentifying, logged: StringIO) -> None:
    for data in (file_of(ct()), capture()):
        dicom.put(data)
        dicom.handle()
    dicom.handle(attempt=4)
    keys = [*dicom.released(), *dicom.aside(), *dicom.index()]
    seen = json.dumps([keys, dicom.events(expected=3)]) + logged.getvalue()
    assert "Kept" in seen
    assert [it for it in SECRETS if it in seen] == []


def test_an_error_that_names_the_key_is_not_logged(
    dicom: Deidentifying, logged: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    dicom.put(file_of(ct()))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://localhost:9")
    clients.s3.cache_clear()
    assert not dicom.handle()
    assert "EndpointConnectionError" in logged.getvalue()
    assert [it for it in SECRETS if it in logged.getvalue()] == []


def test_a_second_event_does_nothing(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    dicom.handle()
    written = dicom.file(RELEASED)["LastModified"]
    dicom.events(expected=1)
    assert dicom.handle()
    assert dicom.file(RELEASED)["LastModified"] == written
    assert dicom.events(expected=0) == []


@pytest.mark.parametrize("data", [file_of(ct()), b"nothing"], ids=["released", "put aside"])
def test_an_event_that_is_delivered_again_announces_again(dicom: Deidentifying, data: bytes) -> None:
    dicom.put(data)
    dicom.handle()
    dicom.handle(attempt=2)
    first, second = dicom.events(expected=2)
    assert first == second


@pytest.mark.parametrize("data", [file_of(ct()), b"nothing"], ids=["released", "put aside"])
def test_nothing_is_left_of_a_deleted_upload(dicom: Deidentifying, data: bytes) -> None:
    dicom.put(data)
    dicom.handle()
    dicom.delete()
    assert dicom.handle()
    assert (dicom.released(), dicom.aside(), dicom.index()) == ([], [], [])


def test_the_file_of_a_replaced_upload_goes_when_the_new_one_has_other_uids(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    dicom.handle()
    dicom.put(file_of(ct(SOPInstanceUID=f"{INSTANCE}.1")))
    assert dicom.handle()
    (key,) = dicom.released()
    assert key != RELEASED


def test_the_file_of_a_replaced_upload_goes_when_the_new_one_is_put_aside(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    dicom.handle()
    dicom.put(capture())
    dicom.handle()
    assert dicom.released() == []
    assert len(dicom.aside()) == 1


def test_the_copy_in_the_quarantine_goes_when_the_upload_is_replaced_by_one_that_is_sure(dicom: Deidentifying) -> None:
    dicom.put(capture())
    dicom.handle()
    dicom.put(file_of(ct()))
    dicom.handle()
    assert (dicom.released(), dicom.aside()) == ([RELEASED], [])


def test_the_later_upload_of_an_instance_has_the_file(dicom: Deidentifying) -> None:
    for key in ("a.dcm", "b.dcm"):
        dicom.put(file_of(ct()), key=key)
        dicom.handle(key)
    dicom.delete("a.dcm")
    dicom.handle("a.dcm")
    assert dicom.released() == [RELEASED]
    dicom.delete("b.dcm")
    dicom.handle("b.dcm")
    assert dicom.released() == []


def test_a_late_event_of_the_earlier_upload_of_an_instance_changes_nothing(dicom: Deidentifying) -> None:
    for key, sex in (("a.dcm", "M"), ("b.dcm", "F")):
        dicom.put(file_of(ct(KVP="120", PatientSex=sex)), key=key)
        dicom.handle(key)
    later = dicom.file(RELEASED)["Metadata"]
    assert dicom.handle("a.dcm")
    assert dicom.file(RELEASED)["Metadata"] == later


def test_the_later_upload_of_an_instance_keeps_the_file_when_the_earlier_one_is_worked_on_late(
    dicom: Deidentifying,
) -> None:
    dicom.put(file_of(ct()), key="a.dcm")
    stored_in_another_second(dicom, after="a.dcm", put="b.dcm")
    for key in ("b.dcm", "a.dcm"):
        assert dicom.handle(key)
    made_from = dicom.file(RELEASED)["Metadata"]["safelight-redacted-from"]
    assert made_from.startswith(dicom.source("b.dcm"))


def test_an_upload_of_the_same_bytes_again_is_a_later_upload(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()), key="a.dcm")
    dicom.handle("a.dcm")
    dicom.put(file_of(ct()), key="b.dcm")
    dicom.handle("b.dcm")
    stored_in_another_second(dicom, after="b.dcm", put="a.dcm")
    assert dicom.handle("a.dcm")
    made_from = dicom.file(RELEASED)["Metadata"]["safelight-redacted-from"]
    assert made_from.startswith(dicom.source("a.dcm"))


def test_an_upload_whose_deletion_is_handled_while_it_is_worked_on_leaves_nothing(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    before("PutObject", dicom.delete_and_handle, of="destination")
    assert dicom.handle()
    assert (dicom.released(), dicom.index()) == ([], [])


def test_a_version_whose_deletion_is_handled_while_it_is_put_aside_leaves_nothing(dicom: Deidentifying) -> None:
    dicom.s3.put_bucket_versioning(Bucket=dicom.settings.source_bucket, VersioningConfiguration={"Status": "Enabled"})
    dicom.put(capture())
    before("CopyObject", dicom.delete_and_handle, of="quarantine")
    assert dicom.handle()
    assert (dicom.aside(), dicom.index()) == ([], [])


@pytest.mark.parametrize(
    "newer", [capture(), file_of(ct(SOPInstanceUID=f"{INSTANCE}.1"))], ids=["put aside", "another instance"]
)
def test_an_upload_whose_replacement_is_handled_while_it_is_worked_on_leaves_nothing(
    dicom: Deidentifying, newer: bytes
) -> None:
    dicom.put(file_of(ct()))
    before("PutObject", lambda: dicom.put_and_handle(newer), of="destination")
    assert dicom.handle()
    assert RELEASED not in dicom.released()
    assert len(dicom.released() + dicom.aside()) == 1


def test_systems_with_one_secret_and_one_quarantine_do_not_touch_each_others_files(
    dicom_settings: DicomSettings, aws: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(
        dicom_settings, source_bucket=f"source-{uuid4().hex}", destination_bucket=f"destination-{uuid4().hex}"
    )
    for bucket in (other.source_bucket, other.destination_bucket):
        aws.emulator.endpoints.s3.create_bucket(Bucket=bucket)
    for theirs in (dicom_settings, other):
        one = configured(theirs, aws=aws, monkeypatch=monkeypatch)
        one.put(file_of(ct()))
        assert one.handle()
    for mine in (dicom_settings, other):
        one = configured(mine, aws=aws, monkeypatch=monkeypatch)
        assert one.released() == [RELEASED]
        one.delete()
        assert one.handle()
        assert one.released() == []


def test_an_upload_that_is_deleted_while_it_is_worked_on_leaves_nothing(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    before("PutObject", dicom.delete, of="destination")
    assert dicom.handle()
    assert (dicom.released(), dicom.index()) == ([], [])


def test_an_upload_that_is_replaced_while_it_is_worked_on_is_worked_on_again(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    before("PutObject", lambda: dicom.put(capture()), of="destination")
    assert dicom.handle()
    assert dicom.released() == []
    assert len(dicom.aside()) == 1
    assert len(dicom.events(expected=1)) == 1


def test_an_upload_that_is_replaced_before_it_is_put_aside_is_worked_on_again(dicom: Deidentifying) -> None:
    dicom.put(capture())
    before("CopyObject", lambda: dicom.put(file_of(ct())), of="quarantine")
    assert dicom.handle()
    assert (dicom.released(), dicom.aside()) == ([RELEASED], [])


@pytest.mark.parametrize("of", ["destination", "quarantine"])
def test_a_function_that_breaks_off_leaves_no_file_that_is_not_found_again(dicom: Deidentifying, of: str) -> None:
    def break_off() -> None:
        raise RuntimeError("broken off")

    dicom.put(file_of(ct()))
    # The first write to the quarantine is the entry, and the second comes after the file is released.
    steps = [lambda: None, break_off] if of == "quarantine" else [break_off]

    def act(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"].startswith(of) and steps:
            steps.pop(0)()

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", act)
    assert not dicom.handle()
    dicom.delete()
    assert dicom.handle()
    assert dicom.released() == []
    # The event that failed is delivered again.
    assert dicom.handle(attempt=2)
    assert (dicom.released(), dicom.index()) == ([], [])


def test_without_its_reader_of_text_nothing_is_written(
    dicom_settings: DicomSettings, aws: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    dicom = configured(replace(dicom_settings, find_text=True), aws=aws, monkeypatch=monkeypatch)
    monkeypatch.setattr(keeping, "READER", "tests.unit.dicomkit.test_sandbox:broken_reader")
    dicom.put(file_of(ct()))
    assert not dicom.handle()
    assert (dicom.released(), dicom.aside(), dicom.index()) == ([], [], [])


@pytest.mark.parametrize("secret", ["short", None])
def test_without_its_key_nothing_is_written(
    dicom_settings: DicomSettings, aws: Recorded, monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    manager = aws.emulator.endpoints.secretsmanager
    arn = "no-such-secret" if secret is None else manager.create_secret(Name=uuid4().hex, SecretString=secret)["ARN"]
    dicom = configured(replace(dicom_settings, key_secret=arn), aws=aws, monkeypatch=monkeypatch)
    dicom.put(file_of(ct()))
    assert not dicom.handle()
    assert (dicom.released(), dicom.aside(), dicom.index()) == ([], [], [])
    assert not dicom.handle(attempt=4)
    ((name, detail),) = dicom.events(expected=1)
    assert (name, detail["source"]) == ("Dicom Failed", None)


def test_when_the_attempts_are_used_up_the_failure_is_announced(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    assert not dicom.handle(attempt=4)
    assert dicom.released() == []
    ((name, detail),) = dicom.events(expected=1)
    assert (name, detail["source"], detail["destination"]) == ("Dicom Failed", dicom.source(), None)


def test_the_log_says_of_which_upload_all_attempts_failed(dicom: Deidentifying, logged: StringIO) -> None:
    dicom.handle(attempt=4)
    entries = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [it["source"] for it in entries if it.get("outcome") == "FAILED"] == [dicom.source()]


def test_the_marker_of_a_folder_is_passed_over(dicom: Deidentifying) -> None:
    dicom.put(b"", key="folder/")
    assert dicom.handle("folder/")
    assert (dicom.aside(), dicom.events(expected=0)) == ([], [])


def test_what_somebody_else_wrote_is_not_deleted(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    dicom.handle()
    dicom.s3.put_object(Bucket=dicom.settings.destination_bucket, Key=RELEASED, Body=b"mine")
    dicom.delete()
    assert dicom.handle()
    assert dicom.released() == [RELEASED]


def test_a_file_is_put_aside_with_time_for_gigabytes() -> None:
    # S3 answers when the copy is done. Two attempts take less time than the function has.
    config: Any = large_objects.s3().meta.config
    assert 120 <= config.read_timeout <= dicom_step.STEP.timeout / 2
