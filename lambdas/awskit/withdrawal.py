"""Withdraw what is published of an upload: its asset, and every set of renditions that was made of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.items import read_item
from awskit.publication import TransactionConflict
from awskit.rendition_sets import RenditionSet, SetKind, open_item, open_sets_of, recorded_set, remove_renditions
from awskit.storage import transient_storage_errors
from awskit.table import Records, item, plain
from awskit.transient_errors import transient_errors_as
from awskit.uploads import Upload, is_too_long
from safelight_contracts.expressions import attribute_names
from safelight_contracts.records import Attribute, Status, key_of_asset

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_AT_ONCE = timedelta()
_UNCLAIMED = "#EXECUTION_ARN = :execution AND attribute_not_exists(#CLAIMED_BY)"
_MUST_UNPUBLISH = f"#STATUS IN (:rejected, :failed) AND {_UNCLAIMED}"
_MARK_UNPUBLISHED = "REMOVE #UNPUBLISHING"
_SAME_SET = "#ATTEMPT = :attempt"


def withdraw_asset(upload: Upload, *, place_id: str, records: Records) -> bool:
    """Remove the asset of an upload that must not be published any more. The asset's set becomes obsolete.

    Leave alone what a newer upload of the key has published, and what another execution has since made of this upload.

    Returns whether the upload still must not be published, by the outcome of the execution that works on it. If not,
    nothing is changed. Raises TransactionConflict if another transaction is in progress, or DynamoDB is temporarily
    unavailable.
    """
    with transient_errors_as(TransactionConflict):
        if not must_unpublish(read_item(records.upload_key(upload), records=records) or {}, upload=upload):
            return False
        if is_too_long(upload.key):
            return True
        key = records.asset_key(upload.key, place_id=place_id)
        asset = read_item(key, records=records) or {}
        if asset.get(Attribute.SEQUENCER) == upload.sequencer:
            commit(
                [_must_still_unpublish(upload, records=records), *asset_removal_writes(asset, key=key, records=records)]
            )
    return True


def must_unpublish(record: Mapping[str, Any], *, upload: Upload) -> bool:
    """Return whether the outcome of the execution that works on an upload requires that nothing of it stays published.

    A rejection does. So does a failure, if an earlier rejection could not remove what was published.
    """
    status = record.get(Attribute.STATUS)
    unpublishes = status == Status.REJECTED or (status == Status.FAILED and record.get(Attribute.UNPUBLISHING) is True)
    decided = record.get(Attribute.EXECUTION_ARN) == upload.execution and Attribute.CLAIMED_BY not in record
    return unpublishes and decided


def _must_still_unpublish(upload: Upload, *, records: Records) -> "TransactWriteItemTypeDef":
    return {
        "ConditionCheck": {
            "TableName": records.table,
            "Key": records.upload_key(upload),
            "ConditionExpression": _MUST_UNPUBLISH,
            "ExpressionAttributeNames": attribute_names(_MUST_UNPUBLISH),
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
def mark_unpublished(upload: Upload, *, records: Records) -> bool:
    """Record that nothing of an upload is published any more.

    Returns True if nobody has claimed or decided the upload in the meantime. Raises ServiceBusy if DynamoDB is
    temporarily unavailable.
    """
    try:
        clients.dynamodb().update_item(
            TableName=records.table,
            Key=records.upload_key(upload),
            UpdateExpression=_MARK_UNPUBLISHED,
            ConditionExpression=_UNCLAIMED,
            ExpressionAttributeNames=attribute_names(_MARK_UNPUBLISHED, _UNCLAIMED),
            ExpressionAttributeValues=item({":execution": upload.execution}),
        )
    except clients.dynamodb().exceptions.ConditionalCheckFailedException:
        return False
    return True


def asset_removal_writes(
    asset: Mapping[str, Any], *, key: dict[str, Any], records: Records
) -> "tuple[TransactWriteItemTypeDef, TransactWriteItemTypeDef]":
    """Build the two parts of a transaction that delete an asset and make its set obsolete."""
    rendition_set = recorded_set(asset, key=key_of_asset(plain(key)["sk"], workflow=records.workflow))
    obsolete = open_item(SetKind.OBSOLETE, rendition_set, records=records, due=_AT_ONCE)
    return (
        {
            "Delete": {
                "TableName": records.table,
                "Key": key,
                "ConditionExpression": _SAME_SET,
                "ExpressionAttributeNames": attribute_names(_SAME_SET),
                "ExpressionAttributeValues": item({":attempt": asset[Attribute.ATTEMPT]}),
            }
        },
        {"Put": {"TableName": records.table, "Item": obsolete}},
    )


def commit(writes: "list[TransactWriteItemTypeDef]") -> None:
    """Make writes in one transaction.

    Raises TransactionConflict if a condition no longer holds, or another transaction is in progress. Read again, and
    retry.
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

    `upload`: the upload, with the execution that works on it.

    Raises ServiceBusy if S3 or DynamoDB is temporarily unavailable.
    """
    removed = []
    for kind in SetKind:
        for open_set in open_sets_of(kind, records=records, key=upload.key, sequencer=upload.sequencer):
            if kind is SetKind.OBSOLETE or open_set.rendition_set.execution == upload.execution:
                removed += remove_renditions(open_set, records=records, bucket=bucket)
    return sorted(removed)


@transient_storage_errors()
def discard_attempt(rendition_set: RenditionSet, *, records: Records, bucket: str) -> None:
    """Remove the set of an attempt that does not publish it.

    Leave a published set alone: its attempt has no item any more.

    Raises ServiceBusy if S3 or DynamoDB is temporarily unavailable.
    """
    for attempt in open_sets_of(
        SetKind.ATTEMPT, records=records, key=rendition_set.key, sequencer=rendition_set.sequencer
    ):
        if attempt.rendition_set == rendition_set:
            remove_renditions(attempt, records=records, bucket=bucket)
