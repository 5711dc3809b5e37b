"""What is taken away of an upload that is rejected now, and what is left alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.recorded import Recorded, make_recorded
from tests.unit.workflow_events import event_for

from awskit.published import put_newest
from awskit.records import Publication, record_publication
from awskit.removal import delete_upload, quarantine_upload, withdraw_publication
from awskit.storage import StorageBusy
from awskit.uploads import Upload, parse_upload
from safelight_local.emulator import Emulator

Put = Callable[..., dict[str, Any]]
NAMES = ("tile", "scaled")


def keys_in(emulator: Emulator, bucket: str) -> list[str]:
    return [there["Key"] for there in emulator.endpoints.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def versions_in(emulator: Emulator, bucket: str) -> list[str]:
    found = emulator.endpoints.s3.list_object_versions(Bucket=bucket)
    assert not found.get("DeleteMarkers")
    return [there["VersionId"] for there in found.get("Versions", [])]


def of_sequencer(sequencer: str) -> Upload:
    return parse_upload(event_for(sequencer=sequencer))


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published bucket, and the records of what is in it."""

    recorded: Recorded
    bucket: str

    def publish(self, *, sequencer: str) -> None:
        upload = of_sequencer(sequencer)
        for name in NAMES:
            put_newest(
                bucket=self.bucket,
                key=f"{upload.key}/{name}.jpg",
                data=sequencer.encode(),
                content_type="image/jpeg",
                sequencer=upload.sequencer,
            )
        publication = Publication(
            upload=upload,
            place_id="p1",
            version="v5",
            workflow="images",
            dimensions={"width": 160, "height": 240, "type": "JPEG"},
            renditions=[{"name": name, "key": f"{upload.key}/{name}.jpg"} for name in NAMES],
            route="park",
            checks=[],
            facts=None,
        )
        record_publication(publication, table=self.recorded.table)

    def withdraw(self, *, sequencer: str) -> int:
        return withdraw_publication(
            of_sequencer(sequencer), place_id="p1", table=self.recorded.table, bucket=self.bucket
        )

    def sequencers(self) -> Mapping[str, str]:
        """Which upload each rendition was made of."""
        s3 = self.recorded.emulator.endpoints.s3
        keys = keys_in(self.recorded.emulator, self.bucket)
        return {key: s3.head_object(Bucket=self.bucket, Key=key)["Metadata"]["sequencer"].lstrip("0") for key in keys}


@pytest.fixture
def published(emulated_aws: Emulator, uploads: str) -> Published:
    bucket = uploads.replace("uploads", "published")
    emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
    return Published(recorded=make_recorded(emulated_aws), bucket=bucket)


@pytest.fixture
def quarantine(emulated_aws: Emulator, uploads: str) -> str:
    bucket = uploads.replace("uploads", "quarantine")
    emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
    return bucket


@pytest.fixture
def two_versions(emulated_aws: Emulator, uploads: str, upload: Put) -> tuple[Upload, Upload]:
    """Two uploads of one key to a bucket with versions, the older first."""
    s3 = emulated_aws.endpoints.s3
    s3.put_bucket_versioning(Bucket=uploads, VersioningConfiguration={"Status": "Enabled"})

    def put(data: bytes, *, sequencer: str) -> Upload:
        event = upload(data, sequencer=sequencer)
        event["image"]["versionId"] = s3.head_object(Bucket=uploads, Key=event["image"]["key"])["VersionId"]
        return parse_upload(event)

    return put(b"older", sequencer="0A"), put(b"newer", sequencer="0B")


def test_what_an_upload_published_is_withdrawn_with_its_asset(published: Published) -> None:
    published.publish(sequencer="0A")
    assert published.withdraw(sequencer="0A") == len(NAMES)
    assert published.sequencers() == {}
    assert published.recorded.asset_item() == {}


def test_the_record_stays_and_names_no_renditions_any_more(published: Published) -> None:
    published.publish(sequencer="0A")
    before = published.recorded.upload_item()
    published.withdraw(sequencer="0A")
    del before["renditions"]
    assert published.recorded.upload_item() == before


def test_what_a_newer_upload_published_is_left(published: Published) -> None:
    published.publish(sequencer="0A")
    published.publish(sequencer="0B")
    assert published.withdraw(sequencer="0A") == 0
    assert set(published.sequencers().values()) == {"B"}
    assert published.recorded.asset_item()["sequencer"] == {"S": "0B".rjust(32, "0")}
    assert "renditions" in published.recorded.upload_item(sequencer="0B")


def test_a_rendition_that_a_newer_upload_is_writing_is_left_and_the_others_go(published: Published) -> None:
    published.publish(sequencer="0A")
    newer = "0B".rjust(32, "0")
    put_newest(bucket=published.bucket, key="p1/a.jpg/tile.jpg", data=b"", content_type="image/jpeg", sequencer=newer)
    assert published.withdraw(sequencer="0A") == 1
    assert published.sequencers() == {"p1/a.jpg/tile.jpg": "B"}


def test_withdrawing_twice_is_withdrawing_once(published: Published) -> None:
    published.publish(sequencer="0A")
    published.withdraw(sequencer="0A")
    assert published.withdraw(sequencer="0A") == 0


def test_what_an_attempt_before_has_withdrawn_in_part_is_withdrawn(published: Published) -> None:
    published.publish(sequencer="0A")
    published.recorded.emulator.endpoints.s3.delete_object(Bucket=published.bucket, Key="p1/a.jpg/tile.jpg")
    assert published.withdraw(sequencer="0A") == 1
    assert published.sequencers() == {}
    assert published.recorded.asset_item() == {}


def test_of_an_upload_that_was_never_published_there_is_nothing_to_withdraw(published: Published) -> None:
    published.recorded.put_upload(status="REJECTED")
    before = published.recorded.upload_item()
    assert published.withdraw(sequencer="0A") == 0
    assert published.recorded.upload_item() == before


@pytest.mark.parametrize("operation", ["HeadObject", "DeleteObject"])
def test_a_withdrawal_waits_for_a_busy_s3_and_the_record_still_names_the_renditions(
    published: Published, make_s3_busy: Callable[[str], None], operation: str
) -> None:
    published.publish(sequencer="0A")
    make_s3_busy(operation)
    with pytest.raises(StorageBusy):
        published.withdraw(sequencer="0A")
    assert "renditions" in published.recorded.upload_item()


def test_a_quarantined_upload_is_moved_under_its_own_key(
    emulated_aws: Emulator, uploads: str, upload: Put, quarantine: str
) -> None:
    event = upload(b"an image", key="p 1/a+b%20é.jpg")
    quarantine_upload(parse_upload(event), bucket=quarantine)
    there = emulated_aws.endpoints.s3.get_object(Bucket=quarantine, Key="p 1/a+b%20é.jpg")
    assert there["Body"].read() == b"an image"
    assert keys_in(emulated_aws, uploads) == []


def test_quarantining_twice_is_quarantining_once(
    emulated_aws: Emulator, uploads: str, upload: Put, quarantine: str
) -> None:
    event = parse_upload(upload(b"an image"))
    quarantine_upload(event, bucket=quarantine)
    quarantine_upload(event, bucket=quarantine)
    assert keys_in(emulated_aws, quarantine) == ["p1/a.jpg"]
    assert keys_in(emulated_aws, uploads) == []


def test_an_upload_that_was_copied_and_not_deleted_is_moved_by_the_next_attempt(
    emulated_aws: Emulator, uploads: str, upload: Put, quarantine: str
) -> None:
    event = upload(b"an image")
    emulated_aws.endpoints.s3.copy_object(
        Bucket=quarantine, Key="p1/a.jpg", CopySource={"Bucket": uploads, "Key": "p1/a.jpg"}
    )
    quarantine_upload(parse_upload(event), bucket=quarantine)
    assert keys_in(emulated_aws, quarantine) == ["p1/a.jpg"]
    assert keys_in(emulated_aws, uploads) == []


def test_an_upload_that_was_replaced_meanwhile_is_neither_quarantined_nor_deleted(
    emulated_aws: Emulator, uploads: str, upload: Put, quarantine: str
) -> None:
    rejected = parse_upload(upload(b"rejected"))
    upload(b"a newer one", sequencer="0B")
    quarantine_upload(rejected, bucket=quarantine)
    assert keys_in(emulated_aws, quarantine) == []
    assert keys_in(emulated_aws, uploads) == ["p1/a.jpg"]


def test_the_version_that_was_uploaded_is_quarantined_and_no_other(
    emulated_aws: Emulator, uploads: str, two_versions: tuple[Upload, Upload], quarantine: str
) -> None:
    older, newer = two_versions
    quarantine_upload(older, bucket=quarantine)
    there = emulated_aws.endpoints.s3.get_object(Bucket=quarantine, Key="p1/a.jpg")
    assert there["Body"].read() == b"older"
    assert versions_in(emulated_aws, uploads) == [newer.version_id]


def test_quarantining_a_version_twice_is_quarantining_it_once(
    emulated_aws: Emulator, uploads: str, two_versions: tuple[Upload, Upload], quarantine: str
) -> None:
    older, newer = two_versions
    for _ in range(2):
        quarantine_upload(older, bucket=quarantine)
    assert versions_in(emulated_aws, uploads) == [newer.version_id]


@pytest.mark.parametrize("operation", ["CopyObject", "DeleteObject"])
def test_an_upload_stays_until_a_busy_s3_has_moved_it(
    emulated_aws: Emulator,
    uploads: str,
    upload: Put,
    quarantine: str,
    make_s3_busy: Callable[[str], None],
    operation: str,
) -> None:
    event = parse_upload(upload(b"an image"))
    make_s3_busy(operation)
    with pytest.raises(StorageBusy):
        quarantine_upload(event, bucket=quarantine)
    assert keys_in(emulated_aws, uploads) == ["p1/a.jpg"]


def test_an_upload_stays_where_the_quarantine_is_not_there(emulated_aws: Emulator, uploads: str, upload: Put) -> None:
    event = parse_upload(upload(b"an image"))
    with pytest.raises(ClientError, match="NoSuchBucket"):
        quarantine_upload(event, bucket="nowhere-to-be-found")
    assert keys_in(emulated_aws, uploads) == [event.key]


def test_a_deleted_upload_is_gone_and_stays_gone(emulated_aws: Emulator, uploads: str, upload: Put) -> None:
    event = parse_upload(upload(b"an image"))
    for _ in range(2):
        delete_upload(event)
        assert keys_in(emulated_aws, uploads) == []


def test_an_upload_that_was_replaced_meanwhile_is_not_deleted(
    emulated_aws: Emulator, uploads: str, upload: Put
) -> None:
    rejected = parse_upload(upload(b"rejected"))
    upload(b"a newer one", sequencer="0B")
    delete_upload(rejected)
    assert emulated_aws.endpoints.s3.get_object(Bucket=uploads, Key="p1/a.jpg")["Body"].read() == b"a newer one"


@pytest.mark.parametrize("which", [0, 1], ids=["older", "newer"])
def test_the_version_that_was_uploaded_is_deleted_for_good_and_the_other_stays(
    emulated_aws: Emulator, uploads: str, two_versions: tuple[Upload, Upload], which: int
) -> None:
    for _ in range(2):
        delete_upload(two_versions[which])
        assert versions_in(emulated_aws, uploads) == [two_versions[1 - which].version_id]


def test_a_deletion_waits_for_a_busy_s3(upload: Put, make_s3_busy: Callable[[str], None]) -> None:
    event = parse_upload(upload(b"an image"))
    make_s3_busy("DeleteObject")
    with pytest.raises(StorageBusy):
        delete_upload(event)
