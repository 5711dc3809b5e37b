"""Withdrawals after deletions in the upload bucket."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded

from awskit import clients
from awskit.records.table import plain
from awskit.rejection import RejectedImage
from image_workflow.withdraw.handler import handler
from safelight_local.emulator.process import Emulator

KEY = "p1/a.jpg"
Deletion = dict[str, Any]
MARKER, PERMANENT = "Delete Marker Created", "Permanently Deleted"
EXPIRED: dict[str, Any] = {"reason": "Lifecycle Expiration", "requester": "s3.amazonaws.com"}


@dataclass(frozen=True, kw_only=True)
class Uploads:
    """An upload bucket, whose sequencers are counted."""

    emulator: Emulator
    bucket: str
    executing: Executing

    def put(self, *, sequencer: str, key: str = KEY) -> dict[str, Any]:
        """Put an object and return the event that steps get."""
        version = self.emulator.endpoints.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x").get("VersionId")
        event = self.executing.event(key, sequencer=sequencer, execution=f"of-{sequencer}", version_id=version)
        event["image"]["bucket"] = self.bucket
        return event

    def delete(
        self, *, sequencer: str, key: str = KEY, version: str | None = None, seconds: float = 0, **detail: Any
    ) -> Deletion:
        """Delete an object, or a version of it, and return the event that S3 sends."""
        given: Any = {} if version is None else {"VersionId": version}
        answer = self.emulator.endpoints.s3.delete_object(Bucket=self.bucket, Key=key, **given)
        made = {"version-id": answer["VersionId"]} if "VersionId" in answer else {}
        return {
            "time": (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "detail": {
                "bucket": {"name": self.bucket},
                "object": {"key": key, "sequencer": sequencer} | made,
                "reason": "DeleteObject",
                "deletion-type": MARKER if answer.get("DeleteMarker") and version is None else PERMANENT,
            }
            | detail,
        }


@pytest.fixture
def unversioned(emulated_aws: Emulator, uploads: str, executing: Executing) -> Uploads:
    return Uploads(emulator=emulated_aws, bucket=uploads, executing=executing)


@pytest.fixture
def versioned(unversioned: Uploads) -> Uploads:
    unversioned.emulator.endpoints.s3.put_bucket_versioning(
        Bucket=unversioned.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    return unversioned


@pytest.fixture(params=["versioned", "unversioned"])
def either(request: pytest.FixtureRequest) -> Uploads:
    made: Uploads = request.getfixturevalue(request.param)
    return made


def withdraw(*deletions: Deletion) -> list[str]:
    """Send deletions, and return the messages to deliver again."""
    messages: list[Mapping[str, Any]] = [
        {"messageId": str(number), "body": json.dumps(deletion)} for number, deletion in enumerate(deletions)
    ]
    return [failed["itemIdentifier"] for failed in handler({"Records": messages}, None)["batchItemFailures"]]


def record(aws: Recorded, *, sequencer: str = "0A") -> dict[str, Any]:
    return plain(aws.upload_item(sequencer=sequencer))


def sent(aws: Recorded, *, expected: int) -> list[dict[str, Any]]:
    """Receive the withdrawal events."""
    return [event["detail"] for event in aws.events(expected=expected) if event["detail-type"] == "Image Withdrawn"]


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4", "v5"])
def test_a_deleted_upload_is_withdrawn(aws: Recorded, executing: Executing, either: Uploads, version: str) -> None:
    event = either.put(sequencer="0A")
    executing.run(event, version=version)
    assert withdraw(either.delete(sequencer="0B")) == []
    assert aws.keys() == []
    assert aws.asset_item() == {}
    found = record(aws)
    assert found["status"] == "WITHDRAWN"
    assert found.keys().isdisjoint({"standing", "claimedBy", "renditions"})
    assert "announcedAt" in found
    (detail,) = sent(aws, expected=2)
    assert detail["removed"] == executing.written_by(event)
    assert (detail["status"], detail["placeId"], detail["version"]) == ("WITHDRAWN", "p1", version)
    assert (detail["versionId"], detail["executionArn"]) == (event["image"].get("versionId"), event["execution"])
    assert detail["renditions"] == []


def test_an_upload_that_a_lifecycle_rule_deleted_is_withdrawn(
    aws: Recorded, executing: Executing, either: Uploads
) -> None:
    executing.run(either.put(sequencer="0A"))
    withdraw(either.delete(sequencer="0B", **EXPIRED))
    assert record(aws)["status"] == "WITHDRAWN"


def test_permanently_deleting_the_current_version_withdraws_it(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    older, newer = versioned.put(sequencer="0A"), versioned.put(sequencer="0B")
    executing.run(older)
    executing.run(newer)
    withdraw(versioned.delete(sequencer="0C", version=newer["image"]["versionId"], seconds=2))
    assert record(aws, sequencer="0B")["status"] == "WITHDRAWN"
    assert record(aws)["status"] == "PUBLISHED"
    assert executing.keys_of(newer) == []
    assert executing.keys_of(older) == executing.written_by(older)


@pytest.mark.parametrize("seconds", [-5, 5], ids=["as if before the upload", "after it"])
def test_deleting_a_noncurrent_version_leaves_what_is_current(
    aws: Recorded, executing: Executing, versioned: Uploads, seconds: int
) -> None:
    older, newer = versioned.put(sequencer="0A"), versioned.put(sequencer="0B")
    executing.run(newer)
    before = record(aws, sequencer="0B"), aws.asset_item(), aws.keys()
    withdraw(versioned.delete(sequencer="0C", version=older["image"]["versionId"], seconds=seconds))
    assert (record(aws, sequencer="0B"), aws.asset_item(), aws.keys()) == before
    assert sent(aws, expected=1) == []


def test_deleting_the_version_of_a_replaced_upload_leaves_its_record_and_its_renditions(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    older, newer = versioned.put(sequencer="0A"), versioned.put(sequencer="0B")
    executing.run(older, version="v5")
    executing.run(newer, version="v5")
    before = record(aws), aws.asset_item(), aws.keys()
    assert withdraw(versioned.delete(sequencer="0C", version=older["image"]["versionId"])) == []
    assert (record(aws), aws.asset_item(), aws.keys()) == before


def test_a_published_version_that_expires_stays_published_while_its_key_has_an_object(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    published = versioned.put(sequencer="0A")
    executing.run(published)
    versioned.put(sequencer="0B")  # Rejected, and kept.
    before = record(aws), aws.asset_item(), aws.keys()
    assert withdraw(versioned.delete(sequencer="0C", version=published["image"]["versionId"], **EXPIRED)) == []
    assert (record(aws), aws.asset_item(), aws.keys()) == before
    assert sent(aws, expected=1) == []


def test_a_published_version_that_its_owner_deletes_is_withdrawn_while_its_key_has_another_object(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    published = versioned.put(sequencer="0A")
    executing.run(published)
    versioned.put(sequencer="0B")
    assert withdraw(versioned.delete(sequencer="0C", version=published["image"]["versionId"])) == []
    assert record(aws)["status"] == "WITHDRAWN"
    assert aws.keys() == []
    assert len(sent(aws, expected=2)) == 1


def test_a_published_version_that_expires_is_withdrawn_if_its_key_has_no_object(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    published = versioned.put(sequencer="0A")
    executing.run(published)
    versioned.delete(sequencer="0B")  # Its event was lost.
    assert withdraw(versioned.delete(sequencer="0C", version=published["image"]["versionId"], **EXPIRED)) == []
    assert record(aws)["status"] == "WITHDRAWN"
    assert aws.keys() == []


def test_an_upload_whose_version_expired_is_withdrawn_with_the_last_version_of_its_key(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    published, rejected = versioned.put(sequencer="0A"), versioned.put(sequencer="0B")
    executing.run(published)
    withdraw(versioned.delete(sequencer="0C", version=published["image"]["versionId"], **EXPIRED))
    assert withdraw(versioned.delete(sequencer="0D", version=rejected["image"]["versionId"])) == []
    assert record(aws)["status"] == "WITHDRAWN"
    assert aws.keys() == []


@pytest.mark.parametrize("kept", [True, False], ids=["the key has an object", "the key has none"])
def test_a_version_that_expires_leaves_no_tombstone(aws: Recorded, versioned: Uploads, *, kept: bool) -> None:
    expired = versioned.put(sequencer="0A")
    if kept:
        versioned.put(sequencer="0B")
    assert withdraw(versioned.delete(sequencer="0C", version=expired["image"]["versionId"], **EXPIRED)) == []
    assert aws.emulator.endpoints.dynamodb.scan(TableName=aws.table)["Count"] == 0


@pytest.mark.parametrize("seconds", [-5, 5], ids=["as if before the upload", "after it"])
def test_an_upload_in_progress_is_published_despite_deletion_of_a_noncurrent_version(
    executing: Executing, versioned: Uploads, seconds: int
) -> None:
    older, newer = versioned.put(sequencer="0A"), versioned.put(sequencer="0B")
    executing.claim(newer)
    executing.render(newer)
    withdraw(versioned.delete(sequencer="0C", version=older["image"]["versionId"], seconds=seconds))
    assert executing.publish(newer, version="v5") == "PUBLISHED"


def test_removing_a_delete_marker_withdraws_nothing(aws: Recorded, executing: Executing, versioned: Uploads) -> None:
    executing.run(versioned.put(sequencer="0A"))
    marker = versioned.delete(sequencer="0B", seconds=2)
    removal = versioned.delete(sequencer="0C", version=marker["detail"]["object"]["version-id"], seconds=2)
    before = record(aws), aws.keys()
    assert withdraw(marker, removal) == []
    assert (record(aws), aws.keys()) == before


def test_an_upload_after_a_deletion_stays_and_earlier_ones_are_withdrawn(
    aws: Recorded, executing: Executing, either: Uploads
) -> None:
    before = either.put(sequencer="0A")
    executing.run(before)
    deletion = either.delete(sequencer="0B")
    again = either.put(sequencer="0C")
    assert withdraw(deletion) == []
    assert executing.run(again) == "PUBLISHED"
    assert record(aws)["status"] == "WITHDRAWN"
    assert record(aws, sequencer="0C")["status"] == "PUBLISHED"
    assert aws.keys() == executing.written_by(again)


def test_a_late_deletion_event_leaves_the_next_upload_published(
    aws: Recorded, executing: Executing, either: Uploads
) -> None:
    before = either.put(sequencer="0A")
    executing.run(before)
    deletion = either.delete(sequencer="0B")
    again = either.put(sequencer="0C")
    executing.run(again)
    withdraw(deletion)
    assert aws.keys() == executing.written_by(again)
    assert plain(aws.asset_item())["prefix"] == executing.set_of(again).prefix


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4", "v5"])
def test_an_upload_whose_deletion_comes_before_it_is_published_is_withdrawn(
    aws: Recorded, executing: Executing, either: Uploads, version: str
) -> None:
    event = either.put(sequencer="0A")
    withdraw(either.delete(sequencer="0B"))
    with pytest.raises(RejectedImage, match="WITHDRAWN"):
        executing.run(event, version=version)
    assert aws.keys() == []
    assert aws.asset_item() == {}


def test_a_late_deletion_does_not_replace_a_newer_one(executing: Executing, either: Uploads) -> None:
    first = either.put(sequencer="0A")
    deletions = [either.delete(sequencer="0B")]
    second = either.put(sequencer="0C")
    deletions.append(either.delete(sequencer="0D"))
    withdraw(*reversed(deletions))
    for event in (first, second):
        with pytest.raises(RejectedImage, match="WITHDRAWN"):
            executing.run(event)


@pytest.mark.usefixtures("aws")
def test_an_upload_with_too_long_a_key_is_kept(versioned: Uploads) -> None:
    assert withdraw(versioned.delete(sequencer="0B", key="k" * 1024)) == []


def test_a_key_that_starts_with_the_deleted_key_is_kept(aws: Recorded, executing: Executing, either: Uploads) -> None:
    keys = ["p1/a.jpg.jpg", "p1/a.jpg/b.jpg", "p1/a", "p1/A.jpg"]
    events = [either.put(sequencer="0A", key=key) for key in keys]
    executing.run(either.put(sequencer="0A"))
    for event in events:
        executing.run(event)
    withdraw(either.delete(sequencer="0B"))
    assert aws.keys() == sorted(key for event in events for key in executing.written_by(event))


@pytest.mark.parametrize("status", ["REJECTED", "FAILED", "PROCESSING"])
def test_an_unpublished_upload_keeps_its_record(aws: Recorded, either: Uploads, status: str) -> None:
    either.put(sequencer="0A")
    aws.put_upload(status=status, executionArn="first", version="v5", placeId="p1")
    before = record(aws)
    withdraw(either.delete(sequencer="0B"))
    assert record(aws) == before
    assert sent(aws, expected=0) == []


def test_every_upload_of_a_deleted_key_is_withdrawn_with_its_obsolete_sets(
    aws: Recorded, executing: Executing, either: Uploads
) -> None:
    for sequencer in ("0A", "0B"):
        executing.run(either.put(sequencer=sequencer))
    withdraw(either.delete(sequencer="0C"))
    assert aws.keys() == []
    assert [record(aws, sequencer=sequencer)["status"] for sequencer in ("0A", "0B")] == ["WITHDRAWN"] * 2
    # Nobody shows anything of the first any more.
    assert len(sent(aws, expected=3)) == 1


def test_a_second_delivery_changes_and_announces_nothing(aws: Recorded, executing: Executing, either: Uploads) -> None:
    executing.run(either.put(sequencer="0A"))
    deletion = either.delete(sequencer="0B")
    withdraw(deletion)
    before = record(aws), aws.open_items()
    assert withdraw(deletion) == []
    assert (record(aws), aws.open_items()) == before
    assert len(sent(aws, expected=2)) == 1


@pytest.mark.parametrize("operation", ["ListObjectVersions", "DeleteObjects"])
def test_a_second_delivery_finishes_interrupted_work(
    aws: Recorded,
    executing: Executing,
    either: Uploads,
    make_s3_busy: Callable[[str], None],
    forget_clients: Callable[[], None],
    operation: str,
) -> None:
    event = either.put(sequencer="0A")
    executing.run(event)
    deletion = either.delete(sequencer="0B")
    make_s3_busy(operation)
    assert withdraw(deletion) == ["0"]
    forget_clients()
    assert withdraw(deletion) == []
    assert aws.keys() == []
    (detail,) = sent(aws, expected=2)
    assert detail["removed"] == executing.written_by(event)


class FakeRefusingEvents:
    def put_events(self, **_: object) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "no"}]}


def test_the_second_delivery_sends_a_missing_announcement(
    aws: Recorded, executing: Executing, either: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    executing.run(either.put(sequencer="0A"))
    deletion = either.delete(sequencer="0B")
    with monkeypatch.context() as broken:
        broken.setattr(clients, "events", FakeRefusingEvents)
        assert withdraw(deletion) == ["0"]
    assert record(aws)["status"] == "WITHDRAWN"
    assert "announcedAt" not in record(aws)
    assert withdraw(deletion) == []
    assert len(sent(aws, expected=2)) == 1


def test_nothing_is_withdrawn_while_the_current_version_is_unknown(
    aws: Recorded, executing: Executing, versioned: Uploads, make_s3_busy: Callable[[str], None]
) -> None:
    event = versioned.put(sequencer="0A")
    executing.run(event)
    make_s3_busy("HeadObject")
    assert withdraw(versioned.delete(sequencer="0B")) == ["0"]
    assert aws.keys() == executing.written_by(event)


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_a_deletion_counts_even_if_the_key_is_uploaded_again_at_once(
    aws: Recorded, executing: Executing, either: Uploads, seconds: float
) -> None:
    executing.run(either.put(sequencer="0A"))
    deletion = either.delete(sequencer="0B", seconds=seconds)
    either.put(sequencer="0C")
    assert withdraw(deletion) == []
    assert record(aws)["status"] == "WITHDRAWN"
    assert aws.keys() == []


def test_the_null_version_of_a_suspended_bucket_is_withdrawn_when_it_is_deleted(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    executing.run(versioned.put(sequencer="0A"))
    versioned.emulator.endpoints.s3.put_bucket_versioning(
        Bucket=versioned.bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    executing.run(versioned.put(sequencer="0B"))
    assert withdraw(versioned.delete(sequencer="0C", version="null")) == []
    assert (record(aws, sequencer="0B")["status"], record(aws)["status"]) == ("WITHDRAWN", "PUBLISHED")


def test_a_version_that_is_deleted_during_processing_is_not_published(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    event = versioned.put(sequencer="0A")
    executing.claim(event)
    executing.render(event)
    assert withdraw(versioned.delete(sequencer="0B", version=event["image"]["versionId"])) == []
    with pytest.raises(RejectedImage, match="WITHDRAWN"):
        executing.publish(event, version="v5")
    assert aws.keys() == []


def test_the_deletion_of_one_version_lets_another_be_published(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    older, newer = versioned.put(sequencer="0A"), versioned.put(sequencer="0B")
    assert withdraw(versioned.delete(sequencer="0C", version=older["image"]["versionId"])) == []
    assert executing.run(newer, version="v5") == "PUBLISHED"
    assert aws.keys() == executing.written_by(newer)


def test_a_removed_delete_marker_rejects_no_upload_in_progress(executing: Executing, versioned: Uploads) -> None:
    event = versioned.put(sequencer="0A")
    executing.claim(event)
    executing.render(event)
    marked = versioned.delete(sequencer="0B")
    versioned.delete(sequencer="0C", version=marked["detail"]["object"]["version-id"])
    assert withdraw(marked) == []
    assert executing.publish(event, version="v5") == "PUBLISHED"


def test_an_image_whose_key_ends_with_a_slash_is_withdrawn(
    aws: Recorded, executing: Executing, either: Uploads
) -> None:
    executing.run(either.put(sequencer="0A", key="p1/album/"))
    assert withdraw(either.delete(sequencer="0B", key="p1/album/")) == []
    assert aws.keys() == []


def test_a_replaced_upload_is_withdrawn_without_an_event(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    executing.run(versioned.put(sequencer="0A"), version="v5")
    executing.run(versioned.put(sequencer="0B"), version="v5")
    assert withdraw(versioned.delete(sequencer="0C")) == []
    assert aws.keys() == []
    assert len(sent(aws, expected=3)) == 1


def test_a_tombstone_is_kept_longer_than_an_execution_can_be_started_again(aws: Recorded, versioned: Uploads) -> None:
    versioned.put(sequencer="0A")
    before = datetime.now(UTC)
    withdraw(versioned.delete(sequencer="0B"))
    (tombstone,) = aws.emulator.endpoints.dynamodb.scan(TableName=aws.table)["Items"]
    kept = datetime.fromtimestamp(int(plain(tombstone)["expiresAt"]), UTC) - before
    # Step Functions forgets an execution after 90 days.
    assert timedelta(days=91) < kept < timedelta(days=93)


def test_a_deleted_folder_marker_leaves_no_tombstone(aws: Recorded, versioned: Uploads) -> None:
    versioned.put(sequencer="0A", key="p1/")
    assert withdraw(versioned.delete(sequencer="0B", key="p1/")) == []
    assert aws.emulator.endpoints.dynamodb.scan(TableName=aws.table)["Count"] == 0


def test_a_reprocess_in_progress_loses_its_claim(aws: Recorded, executing: Executing, either: Uploads) -> None:
    event = either.put(sequencer="0A")
    executing.run(event, version="v5")
    again = event | {"execution": event["execution"] + "-again"}
    executing.claim(again, reprocess=True)
    executing.render(again)
    withdraw(either.delete(sequencer="0B"))
    assert executing.publish(again, version="v5") == "WITHDRAWN"
    assert aws.keys() == []
    assert aws.asset_item() == {}
    assert record(aws)["status"] == "WITHDRAWN"
    assert not executing.claim(again, reprocess=True)


def test_a_withdrawal_is_made_again_if_a_reprocess_publishes_meanwhile(
    aws: Recorded, executing: Executing, versioned: Uploads
) -> None:
    # The deletion of such a key leaves no tombstone, which would stop the reprocess.
    event = versioned.put(sequencer="0A", key="p1/album/")
    executing.run(event, version="v5")
    again = event | {"execution": event["execution"] + "-again"}
    events: Any = clients.dynamodb().meta.events

    def publish_again(**_: object) -> None:
        events.unregister("after-call.dynamodb.Query", publish_again)
        executing.claim(again, reprocess=True)
        executing.render(again)
        executing.publish(again, version="v5")

    deletion = versioned.delete(sequencer="0B", key="p1/album/")
    events.register("after-call.dynamodb.Query", publish_again)
    assert withdraw(deletion) == ["0"]
    assert withdraw(deletion) == []
    assert aws.keys() == []
    (detail,) = sent(aws, expected=3)
    assert detail["executionArn"] == again["execution"]
