"""Taking back what is published of an upload: its asset, and every set of renditions that was made of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.items import read_item
from awskit.records import TransactionConflict
from awskit.rendition_sets import RenditionSet, SetKind, open_item, open_sets, recorded_set, remove_renditions
from awskit.storage import transient_storage_errors
from awskit.table import Records, item, plain
from awskit.transient_errors import transient_errors_as
from awskit.uploads import Upload, is_too_long
from safelight_contracts.records import Status, key_of_asset

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_AT_ONCE = timedelta()
_OWED = "#status IN (:rejected, :failed) AND executionArn = :execution AND attribute_not_exists(claimedBy)"


def withdraw_asset(upload: Upload, *, place_id: str, records: Records) -> bool:
    """Take the asset of an upload that is no more to be published from its place. Its set is obsolete from then on.

    What a newer upload of the key has published is left alone, and so is what another execution has made of this
    upload since.

    Returns
    -------
    bool
        Whether it still is not, by the outcome of the execution that works on it. Otherwise nothing is changed.

    Raises
    ------
    TransactionConflict
        When another transaction was under way, or DynamoDB cannot answer just now.
    """
    with transient_errors_as(TransactionConflict):
        if not is_owed(read_item(records.upload_key(upload), records=records) or {}, upload=upload):
            return False
        if is_too_long(upload.key):
            return True
        key = records.asset_key(upload.key, place_id=place_id)
        asset = read_item(key, records=records) or {}
        if asset.get("sequencer") == upload.sequencer:
            commit([_still_owed(upload, records=records), *take_asset(asset, key=key, records=records)])
    return True


def is_owed(record: Mapping[str, Any], *, upload: Upload) -> bool:
    """Tell whether what is published of an upload must go, by the outcome of the execution that works on it.

    A rejection says so. So does a failure, where an earlier rejection could not remove what was published.
    """
    status = record.get("status")
    unpublishes = status == Status.REJECTED or (status == Status.FAILED and record.get("unpublishing") is True)
    return unpublishes and record.get("executionArn") == upload.execution and "claimedBy" not in record


def _still_owed(upload: Upload, *, records: Records) -> "TransactWriteItemTypeDef":
    return {
        "ConditionCheck": {
            "TableName": records.table,
            "Key": records.upload_key(upload),
            "ConditionExpression": _OWED,
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": item(
                {
                    ":rejected": Status.REJECTED.value,
                    ":failed": Status.FAILED.value,
                    ":execution": upload.execution,
                }
            ),
        }
    }


@transient_storage_errors()
def settle(upload: Upload, *, records: Records) -> bool:
    """Record that nothing of an upload is published any more.

    Returns
    -------
    bool
        Whether nobody has claimed or decided the upload meanwhile.

    Raises
    ------
    StorageBusy
        When DynamoDB cannot answer just now.
    """
    try:
        clients.dynamodb().update_item(
            TableName=records.table,
            Key=records.upload_key(upload),
            UpdateExpression="REMOVE unpublishing",
            ConditionExpression="executionArn = :execution AND attribute_not_exists(claimedBy)",
            ExpressionAttributeValues=item({":execution": upload.execution}),
        )
    except clients.dynamodb().exceptions.ConditionalCheckFailedException:
        return False
    return True


def take_asset(
    asset: Mapping[str, Any], *, key: dict[str, Any], records: Records
) -> "tuple[TransactWriteItemTypeDef, TransactWriteItemTypeDef]":
    """Write the two parts of a transaction that take an asset away and make its set obsolete."""
    rendition_set = recorded_set(asset, key=key_of_asset(plain(key)["sk"], workflow=records.workflow))
    obsolete = open_item(SetKind.OBSOLETE, rendition_set, records=records, due=_AT_ONCE)
    return (
        {
            "Delete": {
                "TableName": records.table,
                "Key": key,
                "ConditionExpression": "attempt = :attempt",
                "ExpressionAttributeValues": item({":attempt": asset["attempt"]}),
            }
        },
        {"Put": {"TableName": records.table, "Item": obsolete}},
    )


def commit(writes: "list[TransactWriteItemTypeDef]") -> None:
    """Make writes in one transaction.

    Raises
    ------
    TransactionConflict
        When a condition does not hold any more, or another transaction is under way: read again, and try again.
    """
    try:
        clients.dynamodb().transact_write_items(TransactItems=writes)
    except (
        clients.dynamodb().exceptions.TransactionCanceledException,
        clients.dynamodb().exceptions.TransactionInProgressException,
    ) as error:
        raise TransactionConflict(str(error)) from error


@transient_storage_errors()
def remove_sets(upload: Upload, *, records: Records, bucket: str) -> list[str]:
    """Remove what is left of an upload that is not published: obsolete sets, and the attempts of its execution.

    Parameters
    ----------
    upload
        The upload, with the execution that works on it.
    bucket
        Where renditions are.

    Returns
    -------
    list of str
        The keys that were removed.

    Raises
    ------
    StorageBusy
        When S3 or DynamoDB cannot answer just now.
    """
    removed = []
    for kind in SetKind:
        for open_set in open_sets(kind, records=records, key=upload.key, sequencer=upload.sequencer):
            if kind is SetKind.OBSOLETE or open_set.rendition_set.execution == upload.execution:
                removed += remove_renditions(open_set, records=records, bucket=bucket)
    return sorted(removed)


@transient_storage_errors()
def discard_attempt(rendition_set: RenditionSet, *, records: Records, bucket: str) -> None:
    """Remove the set of an attempt that does not publish it.

    A set that was published has no attempt any more, and is left alone.

    Raises
    ------
    StorageBusy
        When S3 or DynamoDB cannot answer just now.
    """
    for attempt in open_sets(
        SetKind.ATTEMPT, records=records, key=rendition_set.key, sequencer=rendition_set.sequencer
    ):
        if attempt.rendition_set == rendition_set:
            remove_renditions(attempt, records=records, bucket=bucket)
