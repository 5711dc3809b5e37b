"""Copies of uploads that are gone are deleted, and no others."""

from typing import Any

import pytest
from tests.unit.redaction_functions.messages import deleted
from tests.unit.redaction_functions.redacting import FACE, INSIDE, Redacting, contrast, striped

from awskit import clients


@pytest.mark.parametrize("versions", [False, True], ids=["without versions", "with versions"])
def test_an_upload_that_comes_back_while_its_copy_is_deleted_has_a_copy(redacting: Redacting, versions: bool) -> None:  # noqa: FBT001
    if versions:
        redacting.keep_versions()
    redacting.put(striped())
    redacting.sees(FACE)
    redacting.handle()
    redacting.delete()
    waiting = [True]

    def come_back(params: dict[str, Any], **_: object) -> None:
        if params["Bucket"] == redacting.destination and waiting:
            waiting.clear()
            redacting.put(striped())
            if versions:
                redacting.sees(FACE)
            assert redacting.handle()
            redacting.sees(FACE)

    clients.s3().meta.events.register("provide-client-params.s3.DeleteObject", come_back)
    assert redacting.handle()
    assert contrast(redacting.copy()["Data"], of=INSIDE) < 30


def test_the_copy_of_a_version_that_was_erased_is_deleted_when_a_newer_one_is_rejected(redacting: Redacting) -> None:
    older = redacting.redact_then_reject()
    assert redacting.copies() == ["a.jpg"]
    redacting.s3.delete_object(Bucket=redacting.source, Key="a.jpg", VersionId=older)
    assert redacting.handle(change=deleted(version_id=older))
    assert redacting.copies() == redacting.reviewed() == []


def test_the_copy_of_a_newer_version_stays_when_an_older_one_is_erased(redacting: Redacting) -> None:
    redacting.keep_versions()
    redacting.put(striped())
    older = redacting.change()["object"]["version-id"]
    redacting.put(striped(quality=90))
    redacting.sees(FACE)
    redacting.handle()
    before = redacting.copy()["LastModified"]
    redacting.s3.delete_object(Bucket=redacting.source, Key="a.jpg", VersionId=older)
    assert redacting.handle(change=deleted(version_id=older))
    assert redacting.copy()["LastModified"] == before


@pytest.mark.parametrize("counts", ["[", "[1]", "3", '"x"', "null"])
def test_an_object_with_unreadable_counts_is_replaced(redacting: Redacting, counts: str) -> None:
    metadata = {"safelight-redacted": counts}
    redacting.s3.put_object(Bucket=redacting.destination, Key="a.jpg", Body=b"x", Metadata=metadata)
    redacting.put(striped())
    redacting.sees(FACE)
    assert redacting.handle()
    assert contrast(redacting.copy()["Data"], of=INSIDE) < 30
