"""The events that the emulator sends of a bucket are those that AWS documents."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.local.emulator_clients import RuleQueue, client

from safelight_local.emulator.process import Emulator

VERSIONED, PLAIN, SUSPENDED = "versioned-bucket", "plain-bucket", "suspended-bucket"
MARKER, PERMANENT = "Delete Marker Created", "Permanently Deleted"


class Stage:
    """Buckets that send all events to EventBridge, and their events."""

    def __init__(self, emulator: Emulator) -> None:
        self.s3 = client(emulator.endpoints, "s3")
        for bucket, status in ((VERSIONED, "Enabled"), (PLAIN, None), (SUSPENDED, "Suspended")):
            self.s3.create_bucket(Bucket=bucket)
            if status:
                self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
            self.s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )
        self._queue = RuleQueue(emulator.endpoints, "objects", rule={"EventPattern": '{"source": ["aws.s3"]}'})
        self._told: list[dict[str, Any]] = []

    def put(self, bucket: str, key: str) -> str | None:
        version: str | None = self.s3.put_object(Bucket=bucket, Key=key, Body=b"image").get("VersionId")
        return version

    def events(self, key: str, *, count: int) -> list[dict[str, Any]]:
        """The events of a key, in the order of their sequencers."""

        def of_key() -> list[dict[str, Any]]:
            return [event for event in self._told if event["detail"]["object"]["key"] == key]

        before = list(self._told)

        def done(taken: Any) -> bool:
            self._told = [*before, *taken]
            return len(of_key()) >= count

        self._queue.take_until(done)
        return sorted(of_key(), key=lambda event: str(event["detail"]["object"]["sequencer"]))

    def last(self, key: str, *, count: int) -> dict[str, Any]:
        return self.events(key, count=count)[-1]


@pytest.fixture(scope="module")
def stage(emulator: Emulator) -> Stage:
    return Stage(emulator)


def test_an_object_that_is_put_has_its_version(stage: Stage) -> None:
    version = stage.put(VERSIONED, "put.jpg")
    assert stage.last("put.jpg", count=1)["detail"]["object"]["version-id"] == version


def test_an_object_that_is_copied_has_the_version_of_the_copy(stage: Stage) -> None:
    stage.put(VERSIONED, "source.jpg")
    copied = stage.s3.copy_object(Bucket=VERSIONED, Key="copy.jpg", CopySource=f"{VERSIONED}/source.jpg")
    event = stage.last("copy.jpg", count=1)
    assert (event["detail"]["object"]["version-id"], event["detail"]["reason"]) == (copied["VersionId"], "CopyObject")


def test_an_object_that_is_put_in_parts_has_its_version(stage: Stage) -> None:
    upload = {"Bucket": VERSIONED, "Key": "parts.jpg"}
    upload["UploadId"] = stage.s3.create_multipart_upload(**upload)["UploadId"]
    part = stage.s3.upload_part(**upload, PartNumber=1, Body=b"image")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    done = stage.s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    event = stage.last("parts.jpg", count=1)["detail"]
    assert (event["object"]["version-id"], event["reason"]) == (done["VersionId"], "CompleteMultipartUpload")


def test_an_object_of_a_bucket_without_versions_has_none(stage: Stage) -> None:
    stage.put(PLAIN, "plain.jpg")
    assert "version-id" not in stage.last("plain.jpg", count=1)["detail"]["object"]


def test_the_event_of_a_deleted_versioned_object_names_the_delete_marker(stage: Stage) -> None:
    stage.put(VERSIONED, "hidden.jpg")
    marker = stage.s3.delete_object(Bucket=VERSIONED, Key="hidden.jpg")["VersionId"]
    event = stage.last("hidden.jpg", count=2)
    described = dict(event["detail"]["object"])
    sequencer = described.pop("sequencer")
    assert event["detail-type"] == "Object Deleted"
    assert event["detail"]["deletion-type"] == MARKER
    assert event["detail"]["reason"] == "DeleteObject"
    # The tag is that of no bytes; a size is not sent.
    assert described == {"key": "hidden.jpg", "version-id": marker, "etag": "d41d8cd98f00b204e9800998ecf8427e"}
    assert sequencer > stage.events("hidden.jpg", count=2)[0]["detail"]["object"]["sequencer"]


def test_the_event_of_a_permanently_deleted_version_names_it(stage: Stage) -> None:
    first = stage.put(VERSIONED, "purged.jpg")
    stage.put(VERSIONED, "purged.jpg")
    stage.s3.delete_object(Bucket=VERSIONED, Key="purged.jpg", VersionId=first)
    detail = stage.last("purged.jpg", count=3)["detail"]
    assert (detail["deletion-type"], detail["object"]["version-id"]) == (PERMANENT, first)
    assert "size" not in detail["object"]


def test_deleting_a_missing_object_makes_a_marker_and_an_event(stage: Stage) -> None:
    marker = stage.s3.delete_object(Bucket=VERSIONED, Key="never.jpg")["VersionId"]
    detail = stage.last("never.jpg", count=1)["detail"]
    assert (detail["deletion-type"], detail["object"]["version-id"]) == (MARKER, marker)


def test_a_batch_deletion_sends_one_event_per_object(stage: Stage) -> None:
    version = stage.put(VERSIONED, "many/purged.jpg")
    stage.put(VERSIONED, "many/hidden.jpg")
    objects = [
        {"Key": "many/purged.jpg", "VersionId": version},
        {"Key": "many/hidden.jpg"},
        {"Key": "many/never.jpg"},
    ]
    deleted = stage.s3.delete_objects(Bucket=VERSIONED, Delete={"Objects": objects})["Deleted"]
    markers = {it["Key"]: it["DeleteMarkerVersionId"] for it in deleted if it.get("DeleteMarker")}
    assert markers.keys() == {"many/hidden.jpg", "many/never.jpg"}
    for key, count in (("many/hidden.jpg", 2), ("many/never.jpg", 1)):
        detail = stage.last(key, count=count)["detail"]
        assert (detail["deletion-type"], detail["object"]["version-id"]) == (MARKER, markers[key])
    detail = stage.last("many/purged.jpg", count=2)["detail"]
    assert (detail["deletion-type"], detail["object"]["version-id"]) == (PERMANENT, version)


def test_deleting_an_object_without_versions_is_permanent(stage: Stage) -> None:
    stage.put(PLAIN, "gone.jpg")
    stage.s3.delete_object(Bucket=PLAIN, Key="gone.jpg")
    detail = stage.last("gone.jpg", count=2)["detail"]
    assert detail["deletion-type"] == PERMANENT
    assert detail["object"].keys() == {"key", "sequencer"}


def test_a_delete_marker_of_a_suspended_bucket_is_the_version_null(stage: Stage) -> None:
    stage.put(SUSPENDED, "null.jpg")
    stage.s3.delete_object(Bucket=SUSPENDED, Key="null.jpg")
    detail = stage.last("null.jpg", count=2)["detail"]
    assert (detail["deletion-type"], detail["object"]["version-id"]) == (MARKER, "null")


def expire(stage: Stage, bucket: str, *, prefix: str, date: datetime) -> None:
    rule = {"ID": prefix, "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Date": date}}
    stage.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})


@pytest.mark.parametrize(("bucket", "deletion_type"), [(VERSIONED, MARKER), (PLAIN, PERMANENT)])
def test_deletions_by_a_lifecycle_rule_are_reported_as_such(stage: Stage, bucket: str, deletion_type: str) -> None:
    key = f"expired-{bucket}/one.jpg"
    stage.put(bucket, key)
    expire(stage, bucket, prefix=f"expired-{bucket}/", date=datetime(2020, 1, 1, tzinfo=UTC))
    event = stage.last(key, count=2)
    detail = event["detail"]
    assert event["detail-type"] == "Object Deleted"
    assert (detail["reason"], detail["requester"]) == ("Lifecycle Expiration", "s3.amazonaws.com")
    assert "source-ip-address" not in detail
    assert detail["deletion-type"] == deletion_type
    assert ("version-id" in detail["object"]) == (bucket == VERSIONED)


def test_a_lifecycle_rule_deletes_nothing_before_its_date_and_outside_its_prefix(stage: Stage) -> None:
    for key in ("later/one.jpg", "other/one.jpg"):
        stage.put(PLAIN, key)
    expire(stage, PLAIN, prefix="later/", date=datetime(2999, 1, 1, tzinfo=UTC))
    expire(stage, PLAIN, prefix="none/", date=datetime(2020, 1, 1, tzinfo=UTC))
    for key in ("later/one.jpg", "other/one.jpg"):
        assert stage.s3.head_object(Bucket=PLAIN, Key=key)
