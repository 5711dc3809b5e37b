"""Withdraw the uploads of a key that was deleted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from awskit import clients
from awskit.outcomes.announcements import announce
from awskit.outcomes.resources import WorkflowResources
from awskit.outcomes.withdrawal import asset_removal_writes, remove_sets
from awskit.records.items import query_items, read_item
from awskit.records.table import Records, item, recorded_upload, timestamp
from awskit.records.transactions import TransactionConflict, commit
from awskit.transient_errors import transient_errors_as, transient_storage_errors
from awskit.uploads import Upload, is_too_long
from safelight_contracts.events import Announcement
from safelight_contracts.expressions import attribute_names
from safelight_contracts.keys import NULL_VERSION
from safelight_contracts.records import Attribute, Status, pad_sequencer, sequencer_of

# HEAD returns only the status. The status is also 404 if the newest version is a delete marker.
_GONE = {"404", "NoSuchKey"}
# Step Functions forgets an execution 90 days after its end. Until then somebody may start it again.
_TOMBSTONES_KEPT = timedelta(days=92)

_LATER = "attribute_not_exists(pk) OR #SEQUENCER < :sequencer"
_ANNOUNCED = "SET #ANNOUNCED_AT = :now"
_WITHDRAWN = "SET #STATUS = :withdrawn, #UPDATED_AT = :now REMOVE #STANDING, #CLAIMED_BY, #RENDITIONS, #ANNOUNCED_AT"
_STILL_PUBLISHED = "#STATUS = :published AND #ATTEMPT = :attempt"


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """The deletion of an object, or of one version of it.

    `sequencer`: padded. Uploads of the key with a smaller sequencer came before the deletion.
    `version_id`: the delete marker, or the version that is gone: `null` for one that was written while versioning was
    off or suspended. None in a bucket without versions.
    `is_marker`: whether a delete marker was made. In that case every version still exists.
    `is_expiry`: whether a lifecycle rule deleted it, and not a person.
    """

    bucket: str
    key: str
    sequencer: str
    version_id: str | None
    is_marker: bool
    is_expiry: bool

    @property
    def is_of_one_version(self) -> bool:
        """Whether only one version is gone. Other versions may exist, because they were not deleted."""
        return self.version_id is not None and not self.is_marker


def parse_deletion(event: Mapping[str, Any]) -> Deletion:
    """Read an S3 event `Object Deleted`, as EventBridge delivers it.

    See "EventBridge event message structure" in the Amazon S3 user guide.
    """
    detail = event["detail"]
    return Deletion(
        bucket=detail["bucket"]["name"],
        key=detail["object"]["key"],
        sequencer=pad_sequencer(detail["object"]["sequencer"]),
        version_id=detail["object"].get("version-id"),
        is_marker=detail.get("deletion-type") == "Delete Marker Created",
        is_expiry=detail.get("reason") == "Lifecycle Expiration",
    )


def withdraw_deleted(deletion: Deletion, *, resources: WorkflowResources) -> None:
    """Withdraw what is published of uploads that were deleted.

    If the key has no object any more, these are all its uploads from before the deletion. If only one version was
    deleted, and the key still has an object, it is the upload of that version, unless a lifecycle rule deleted it: a
    published upload is noncurrent if a newer one was rejected or failed, and stays published after it expired.

    Raises ServiceBusy, TransactionConflict, AnnouncementRefused if a service is temporarily unavailable.
    """
    if is_too_long(deletion.key):
        return
    current = None if deletion.version_id is None else _current(deletion)
    of_one_version = current is not None and deletion.is_of_one_version
    if of_one_version and deletion.is_expiry:
        return
    if current is not None and deletion.is_marker and _is_undone(deletion, current=current, records=resources.records):
        return
    # Do this before any withdrawal, so that an upload published from here on finds it.
    if _needs_tombstone(deletion):
        _write_tombstone(deletion, records=resources.records)
    for record in _recorded_before(deletion, records=resources.records):
        if _needs_withdrawal(record) and (not of_one_version or _is_gone(record, deletion=deletion)):
            _withdraw(record, deletion=deletion, resources=resources)


def _needs_tombstone(deletion: Deletion) -> bool:
    """Return whether an execution could still publish what was deleted.

    A folder leaves no record. A version expires a day or more after it became noncurrent, when nothing processes it.
    """
    return not deletion.key.endswith("/") and not (deletion.is_of_one_version and deletion.is_expiry)


def _is_undone(deletion: Deletion, *, current: str, records: Records) -> bool:
    """Return whether a delete marker was removed, so that an upload from before it is the current object again."""
    return any(_is_version(record, current) for record in _recorded_before(deletion, records=records))


@transient_storage_errors()
def _current(deletion: Deletion) -> str | None:
    """Return the version of the key's current object. None if there is no object."""
    try:
        return clients.s3().head_object(Bucket=deletion.bucket, Key=deletion.key).get("VersionId", NULL_VERSION)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise


@transient_storage_errors()
def _write_tombstone(deletion: Deletion, *, records: Records) -> None:
    """Write a tombstone, so that what was deleted is not published any more.

    The tombstone of one version leaves the key's other versions alone.
    """
    version_id = deletion.version_id if deletion.is_of_one_version else None
    expiry = int((datetime.now(UTC) + _TOMBSTONES_KEPT).timestamp())
    try:
        clients.dynamodb().put_item(
            TableName=records.table,
            Item=records.tombstone_key(deletion.key, version_id=version_id)
            | item(
                {
                    Attribute.SEQUENCER: deletion.sequencer,
                    Attribute.UPDATED_AT: timestamp(),
                    Attribute.EXPIRES_AT: expiry,
                }
            ),
            ConditionExpression=_LATER,
            ExpressionAttributeNames=attribute_names(_LATER),
            ExpressionAttributeValues=item({":sequencer": deletion.sequencer}),
        )
    except clients.dynamodb().exceptions.ConditionalCheckFailedException:
        pass  # A later deletion wrote its own tombstone.


def _recorded_before(deletion: Deletion, *, records: Records) -> Iterator[dict[str, Any]]:
    """List the records of the key's uploads from before the deletion."""
    partition, begin = records.uploads_of(deletion.key)
    with transient_errors_as(TransactionConflict):
        for record in query_items(partition, begin=begin, records=records):
            if sequencer_of(record["sk"]) < deletion.sequencer:
                yield record


def _needs_withdrawal(record: Mapping[str, Any]) -> bool:
    """Return whether an upload is published, or its withdrawal is not announced."""
    status = record.get(Attribute.STATUS)
    return status == Status.PUBLISHED or (status == Status.WITHDRAWN and Attribute.ANNOUNCED_AT not in record)


def _is_gone(record: Mapping[str, Any], *, deletion: Deletion) -> bool:
    """Return whether the deletion of one version concerns an upload from before it, while the key has an object.

    Sequencers give the order of events. Times never do: S3 gives an object the time at which its upload began.
    """
    if record[Attribute.STATUS] == Status.WITHDRAWN:
        return True
    # The version of a replaced upload was noncurrent.
    return _is_version(record, deletion.version_id) and Attribute.SUPERSEDED_BY not in record


def _is_version(record: Mapping[str, Any], version_id: str | None) -> bool:
    return (record.get(Attribute.VERSION_ID) or NULL_VERSION) == version_id


def _withdraw(record: Mapping[str, Any], *, deletion: Deletion, resources: WorkflowResources) -> None:
    records = resources.records
    upload = recorded_upload(
        record, bucket=deletion.bucket, key=deletion.key, execution=record[Attribute.EXECUTION_ARN]
    )
    if record[Attribute.STATUS] == Status.PUBLISHED:
        _record_withdrawal(record, upload, records=records)
    removed = remove_sets(upload, records=records, bucket=resources.bucket)
    announcement = Announcement(
        status=Status.WITHDRAWN,
        bucket=upload.bucket,
        key=upload.key,
        version_id=upload.version_id,
        place_id=record[Attribute.PLACE_ID],
        workflow=records.workflow,
        version=record[Attribute.VERSION],
        execution=upload.execution,
        removed=removed,
        route=record.get(Attribute.ROUTE),
    )
    # Nobody shows a replaced upload any more. Listeners would confuse its event with an event of the newer upload.
    if Attribute.SUPERSEDED_BY not in record:
        announce(announcement, bus=resources.bus)
    clients.dynamodb().update_item(
        TableName=records.table,
        Key=records.upload_key(upload),
        UpdateExpression=_ANNOUNCED,
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames=attribute_names(_ANNOUNCED),
        ExpressionAttributeValues=item({":now": timestamp()}),
    )


def _record_withdrawal(record: Mapping[str, Any], upload: Upload, *, records: Records) -> None:
    """Record the withdrawal and delete the asset, if it belongs to this upload, in one transaction."""
    asset_key = records.asset_key(upload.key, place_id=record[Attribute.PLACE_ID])
    with transient_errors_as(TransactionConflict):
        asset = read_item(asset_key, records=records) or {}
        taken = (
            asset_removal_writes(asset, key=asset_key, records=records)
            if asset.get(Attribute.SEQUENCER) == upload.sequencer
            else ()
        )
        commit(
            [
                {
                    "Update": {
                        "TableName": records.table,
                        "Key": records.upload_key(upload),
                        "UpdateExpression": _WITHDRAWN,
                        "ConditionExpression": _STILL_PUBLISHED,
                        "ExpressionAttributeNames": attribute_names(_WITHDRAWN, _STILL_PUBLISHED),
                        "ExpressionAttributeValues": item(
                            {
                                ":withdrawn": Status.WITHDRAWN.value,
                                ":published": Status.PUBLISHED.value,
                                ":attempt": record[Attribute.ATTEMPT],
                                ":now": timestamp(),
                            }
                        ),
                    }
                },
                *taken,
            ]
        )
