"""Two functions that work on one medical image at the same time leave what its uploads say, and nothing else."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.dicomkit.dicom_files import INSTANCE, ct, file_of, read
from tests.unit.redaction_functions.deidentifying import (
    RELEASED,
    Deidentifying,
    before,
    capture,
    stored_in_another_second,
)

from awskit import clients
from awskit.transient_errors import ServiceBusy

_OTHER_INSTANCE = file_of(ct(SOPInstanceUID=f"{INSTANCE}.1"))
_SECONDS = 60


def _on(operation: str, do: Callable[[dict[str, Any]], None]) -> None:
    """Do something before each call of S3."""

    def act(params: dict[str, Any], **_: object) -> None:
        do(params)

    clients.s3().meta.events.register(f"provide-client-params.s3.{operation}", act)


def _is_last_entry(params: dict[str, Any]) -> bool:
    return params["Bucket"].startswith("quarantine") and b'"madeFrom": null' not in params["Body"]


@pytest.mark.parametrize("newer", [capture(), _OTHER_INSTANCE], ids=["put aside", "another instance"])
def test_a_file_that_is_written_after_the_replacement_looked_for_it_is_deleted(
    dicom: Deidentifying, newer: bytes
) -> None:
    first_reached, first_goes, second_reached, second_goes = (threading.Event() for _ in range(4))
    written: list[str] = []

    def put(params: dict[str, Any]) -> None:
        name = threading.current_thread().name
        if name == "first" and params["Bucket"].startswith("destination") and not written:
            written.append(params["Key"])
            first_reached.set()
            assert first_goes.wait(_SECONDS)
        if name == "second" and _is_last_entry(params):
            second_reached.set()
            assert second_goes.wait(_SECONDS)

    def head(params: dict[str, Any]) -> None:
        # The next look at the upload, after the file was written.
        if threading.current_thread().name == "first" and params["Bucket"].startswith("source") and written:
            raise RuntimeError("fake: the function ends")

    _on("PutObject", put)
    _on("HeadObject", head)
    dicom.put(file_of(ct()))
    first = threading.Thread(target=dicom.handle, name="first", daemon=True)
    second = threading.Thread(target=dicom.handle, name="second", daemon=True)
    first.start()
    assert first_reached.wait(_SECONDS)
    dicom.put(newer)
    second.start()
    assert second_reached.wait(_SECONDS)
    first_goes.set()
    first.join(_SECONDS)
    second_goes.set()
    second.join(_SECONDS)
    assert written == [RELEASED]
    assert RELEASED not in dicom.released()
    assert len(dicom.released() + dicom.aside()) == 1


@pytest.mark.parametrize("change", ["deleted", "replaced"])
def test_a_file_that_cannot_be_deleted_again_is_deleted_when_the_event_is_delivered_again(
    dicom: Deidentifying, change: str
) -> None:
    busy: list[str] = []

    def others() -> None:
        if change == "deleted":
            dicom.delete_and_handle()
        else:
            dicom.put_and_handle(_OTHER_INSTANCE)
        busy.append("fake")

    def get(params: dict[str, Any]) -> None:
        if params["Bucket"].startswith("quarantine") and busy:
            raise ServiceBusy(busy.pop())

    dicom.put(file_of(ct()))
    before("PutObject", others, of="destination")
    _on("GetObject", get)
    assert not dicom.handle()
    assert RELEASED in dicom.released()
    assert dicom.handle(attempt=2)
    assert RELEASED not in dicom.released()
    assert len(dicom.released()) == len(dicom.index()) == (0 if change == "deleted" else 1)


def test_the_earlier_upload_of_an_instance_does_not_replace_the_later_one_whose_entry_is_not_finished(
    dicom: Deidentifying,
) -> None:
    dicom.put(file_of(ct()), key="a.dcm")
    stored_in_another_second(dicom, after="a.dcm", put="b.dcm")
    dicom.put(file_of(ct(KVP="120")), key="b.dcm")
    waiting = ["a.dcm"]

    def put(params: dict[str, Any]) -> None:
        if waiting and _is_last_entry(params):
            assert dicom.handle(waiting.pop())

    _on("PutObject", put)
    assert dicom.handle("b.dcm")
    assert read(dicom.file(RELEASED)["Data"]).KVP == 120


def test_a_function_that_cannot_finish_its_entry_after_the_deletion_leaves_nothing(dicom: Deidentifying) -> None:
    dicom.put(file_of(ct()))
    waiting = [dicom.delete_and_handle]

    def act(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"].startswith("destination") and waiting:
            waiting.pop()()
        elif b"2.25." in params["Body"] and b'"madeFrom": null' not in params["Body"] and not waiting:
            raise ServiceBusy("fake: S3 is busy")

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", act)
    assert not dicom.handle()
    assert dicom.released() == []
    assert dicom.handle(attempt=2)
    assert (dicom.released(), dicom.index()) == ([], [])
