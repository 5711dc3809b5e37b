"""What is moved or deleted of an upload that is rejected, and what is left alone."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from awskit.removal import delete_upload, quarantine_upload
from awskit.storage import ServiceBusy
from awskit.uploads import Upload, parse_upload
from safelight_local.emulator.process import Emulator

Put = Callable[..., dict[str, Any]]
PutVersion = Callable[..., Upload]


def keys_in(emulator: Emulator, bucket: str) -> list[str]:
    return [there["Key"] for there in emulator.endpoints.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def versions_in(emulator: Emulator, bucket: str) -> list[str]:
    found = emulator.endpoints.s3.list_object_versions(Bucket=bucket)
    assert not found.get("DeleteMarkers")
    return [there["VersionId"] for there in found.get("Versions", [])]


def version_of(upload: Upload) -> str:
    assert upload.version_id is not None
    return upload.version_id


def quarantine_it(upload: Upload, *, bucket: str) -> None:
    quarantine_upload(upload, version_id=version_of(upload), bucket=bucket)


def delete(upload: Upload) -> None:
    delete_upload(upload, version_id=version_of(upload))


@pytest.fixture
def quarantine(emulated_aws: Emulator, uploads: str) -> str:
    """Make a bucket that keeps versions, as workflows make it."""
    bucket = uploads.replace("uploads", "quarantine")
    emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
    emulated_aws.endpoints.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@pytest.fixture
def put(emulated_aws: Emulator, uploads: str, upload: Put) -> Callable[..., Upload]:
    """Put an object into the upload bucket, which keeps versions."""
    s3 = emulated_aws.endpoints.s3
    s3.put_bucket_versioning(Bucket=uploads, VersioningConfiguration={"Status": "Enabled"})

    def put_version(data: bytes, **options: Any) -> Upload:
        event = upload(data, **options)
        event["image"]["versionId"] = s3.head_object(Bucket=uploads, Key=event["image"]["key"])["VersionId"]
        return parse_upload(event)

    return put_version


@pytest.fixture
def two_versions(put: Callable[..., Upload]) -> tuple[Upload, Upload]:
    """Two uploads of one key, the older first."""
    return put(b"older", sequencer="0A"), put(b"newer", sequencer="0B")


def test_a_quarantined_upload_is_moved_under_its_own_key(
    emulated_aws: Emulator, uploads: str, put: PutVersion, quarantine: str
) -> None:
    event = put(b"an image", key="p 1/a+b%20é.jpg")
    quarantine_it(event, bucket=quarantine)
    there = emulated_aws.endpoints.s3.get_object(Bucket=quarantine, Key="p 1/a+b%20é.jpg")
    assert there["Body"].read() == b"an image"
    assert keys_in(emulated_aws, uploads) == []


def test_quarantining_is_idempotent(emulated_aws: Emulator, uploads: str, put: PutVersion, quarantine: str) -> None:
    event = put(b"an image")
    quarantine_it(event, bucket=quarantine)
    quarantine_it(event, bucket=quarantine)
    assert keys_in(emulated_aws, quarantine) == ["p1/a.jpg"]
    assert keys_in(emulated_aws, uploads) == []


def test_an_upload_that_was_copied_and_not_deleted_is_moved_by_the_next_attempt(
    emulated_aws: Emulator, uploads: str, put: PutVersion, quarantine: str
) -> None:
    event = put(b"an image")
    emulated_aws.endpoints.s3.copy_object(
        Bucket=quarantine, Key="p1/a.jpg", CopySource={"Bucket": uploads, "Key": "p1/a.jpg"}
    )
    quarantine_it(event, bucket=quarantine)
    assert keys_in(emulated_aws, quarantine) == ["p1/a.jpg"]
    assert keys_in(emulated_aws, uploads) == []


def test_both_originals_of_one_key_are_in_quarantine(
    emulated_aws: Emulator, two_versions: tuple[Upload, Upload], quarantine: str
) -> None:
    for one in two_versions:
        quarantine_it(one, bucket=quarantine)
    s3 = emulated_aws.endpoints.s3
    bodies = {
        s3.get_object(Bucket=quarantine, Key="p1/a.jpg", VersionId=version)["Body"].read()
        for version in versions_in(emulated_aws, quarantine)
    }
    assert bodies == {b"older", b"newer"}


def test_only_the_uploaded_version_is_quarantined(
    emulated_aws: Emulator, uploads: str, two_versions: tuple[Upload, Upload], quarantine: str
) -> None:
    older, newer = two_versions
    quarantine_it(older, bucket=quarantine)
    there = emulated_aws.endpoints.s3.get_object(Bucket=quarantine, Key="p1/a.jpg")
    assert there["Body"].read() == b"older"
    assert versions_in(emulated_aws, uploads) == [newer.version_id]


def test_quarantining_a_version_is_idempotent(
    emulated_aws: Emulator, uploads: str, two_versions: tuple[Upload, Upload], quarantine: str
) -> None:
    older, newer = two_versions
    for _ in range(2):
        quarantine_it(older, bucket=quarantine)
    assert versions_in(emulated_aws, uploads) == [newer.version_id]


@pytest.mark.parametrize("operation", ["CopyObject", "DeleteObject"])
def test_an_upload_stays_until_s3_has_moved_it(
    emulated_aws: Emulator,
    uploads: str,
    put: PutVersion,
    quarantine: str,
    make_s3_busy: Callable[[str], None],
    operation: str,
) -> None:
    event = put(b"an image")
    make_s3_busy(operation)
    with pytest.raises(ServiceBusy):
        quarantine_it(event, bucket=quarantine)
    assert keys_in(emulated_aws, uploads) == ["p1/a.jpg"]


def test_an_upload_stays_if_the_quarantine_bucket_is_missing(
    emulated_aws: Emulator, uploads: str, put: PutVersion
) -> None:
    event = put(b"an image")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        quarantine_it(event, bucket="nowhere-to-be-found")
    assert keys_in(emulated_aws, uploads) == [event.key]


def test_a_deleted_upload_is_gone_and_stays_gone(emulated_aws: Emulator, uploads: str, put: PutVersion) -> None:
    event = put(b"an image")
    for _ in range(2):
        delete(event)
        assert keys_in(emulated_aws, uploads) == []


@pytest.mark.parametrize("which", [0, 1], ids=["older", "newer"])
def test_only_the_uploaded_version_is_deleted_permanently(
    emulated_aws: Emulator, uploads: str, two_versions: tuple[Upload, Upload], which: int
) -> None:
    for _ in range(2):
        delete(two_versions[which])
        assert versions_in(emulated_aws, uploads) == [two_versions[1 - which].version_id]


def test_a_deletion_is_retried_while_s3_is_busy(put: PutVersion, make_s3_busy: Callable[[str], None]) -> None:
    event = put(b"an image")
    make_s3_busy("DeleteObject")
    with pytest.raises(ServiceBusy):
        delete(event)
