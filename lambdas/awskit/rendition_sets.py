"""Sets of renditions that no asset points at yet, or none points at any more. Each has an item until it is removed.

The item of an attempt is written before the first rendition of its set. The transaction that publishes the set deletes
the item. A set that is replaced or withdrawn is obsolete. A set is removed by listing its prefix, so that the removal
does not depend on what was recorded of its renditions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from awskit import clients
from awskit.items import query_items, read_item
from awskit.published import list_versions, remove_versions
from awskit.storage import transient_storage_errors
from awskit.table import Records, item, plain, timestamp
from awskit.uploads import Upload, is_too_long
from safelight_contracts.expressions import attribute_names
from safelight_contracts.keys import attempt_of
from safelight_contracts.records import Attribute, Status


class SetKind(StrEnum):
    """Why a set has an item."""

    ATTEMPT = "ATTEMPT"
    """It is being written, or its execution ended before the set was published."""
    OBSOLETE = "OBSOLETE"
    """It was published, and then replaced or withdrawn."""


@dataclass(frozen=True, kw_only=True)
class RenditionSet:
    """The renditions that one attempt wrote for one upload.

    `attempt`: the name of the attempt, from `attempt_of`.
    `prefix`: the prefix of the renditions' keys. Ends with a slash.
    `execution`: the ARN of the execution that wrote the set.
    """

    key: str
    sequencer: str
    attempt: str
    prefix: str
    execution: str


class ForeignPrefixError(ValueError):
    """Raised if an item names a prefix that no workflow writes under. Others may write under it."""


def set_of(upload: Upload, *, published_prefix: str) -> RenditionSet:
    """Return the set that an execution writes for its upload.

    `published_prefix`: the prefix that the workflow puts before the key of every rendition.
    """
    attempt = attempt_of(upload.execution, redrives=upload.redrives)
    return RenditionSet(
        key=upload.key,
        sequencer=upload.sequencer,
        attempt=attempt,
        prefix=f"{published_prefix}{upload.key}/{attempt}/",
        execution=upload.execution,
    )


def recorded_set(values: Mapping[str, Any], *, key: str) -> RenditionSet:
    """Read a set from an item that names one: the set's own item, or an asset."""
    return RenditionSet(
        key=key,
        sequencer=values[Attribute.SEQUENCER],
        attempt=values[Attribute.ATTEMPT],
        prefix=values[Attribute.PREFIX],
        execution=values[Attribute.EXECUTION_ARN],
    )


def open_key(kind: SetKind, rendition_set: RenditionSet, *, records: Records) -> dict[str, Any]:
    """Return the key of a set's item."""
    sort = f"{kind}#{rendition_set.key}#{rendition_set.sequencer}#{rendition_set.attempt}"
    return item({"pk": records.open_partition, "sk": sort})


def open_item(kind: SetKind, rendition_set: RenditionSet, *, records: Records, due: timedelta) -> dict[str, Any]:
    """Build the item of a set.

    `due`: how long the set stays from now on if nobody removes it earlier. An attempt stays for as long as its
    execution runs, however long that is.
    """
    described = item(
        {
            Attribute.KIND: kind.value,
            Attribute.KEY: rendition_set.key,
            Attribute.SEQUENCER: rendition_set.sequencer,
            Attribute.ATTEMPT: rendition_set.attempt,
            Attribute.PREFIX: rendition_set.prefix,
            Attribute.EXECUTION_ARN: rendition_set.execution,
            Attribute.CREATED_AT: timestamp(),
            Attribute.DUE_AT: timestamp(after=due),
        }
    )
    return open_key(kind, rendition_set, records=records) | described


@transient_storage_errors()
def begin_attempt(rendition_set: RenditionSet, *, records: Records) -> None:
    """Record a set before its first rendition is written. A retry records it again.

    Raises ServiceBusy if DynamoDB is temporarily unavailable.
    """
    attempt = open_item(SetKind.ATTEMPT, rendition_set, records=records, due=timedelta())
    clients.dynamodb().put_item(TableName=records.table, Item=attempt)


@dataclass(frozen=True, kw_only=True)
class OpenSet:
    """A set that has an item.

    `due`: the time from which the set may be removed. For an attempt, the time at which it was recorded.
    `swept`: the time at which its renditions were first removed. None if they were not.
    """

    kind: SetKind
    rendition_set: RenditionSet
    due: str
    swept: str | None


@transient_storage_errors()
def remove_renditions(open_set: OpenSet, *, records: Records, bucket: str) -> list[str]:
    """Remove the renditions of a set. Keep its item for a while, because a function that runs late may write again.

    Returns the keys that were removed now and earlier. Empty if the set is published. Raises ServiceBusy if S3 or
    DynamoDB is temporarily unavailable. Raises ForeignPrefixError if the set's prefix does not end with its key and its
    attempt.
    """
    if open_set.kind is SetKind.ATTEMPT and _is_published(open_set.rendition_set, records=records):
        # A function that ran late recorded the attempt again.
        forget(open_set, records=records)
        return []
    prefix = open_set.rendition_set.prefix
    if not prefix.endswith(f"{open_set.rendition_set.key}/{open_set.rendition_set.attempt}/"):
        raise ForeignPrefixError(prefix)
    found = list_versions(bucket=bucket, prefix=prefix)
    keys = {there["Key"] for there in found}
    # Record the keys before the objects go, so that a removal that is interrupted does not lose them. From here on the
    # set cannot be published: the transaction that publishes has the opposite condition.
    change = "SET #SWEPT_AT = if_not_exists(#SWEPT_AT, :now)" + (" ADD #REMOVED :keys" if keys else "")
    try:
        answer = clients.dynamodb().update_item(
            TableName=records.table,
            Key=open_key(open_set.kind, open_set.rendition_set, records=records),
            UpdateExpression=change,
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames=attribute_names(change),
            ExpressionAttributeValues=item({":now": timestamp()} | ({":keys": keys} if keys else {})),
            ReturnValues="ALL_NEW",
        )
    except clients.dynamodb().exceptions.ConditionalCheckFailedException:
        return []
    remove_versions(found, bucket=bucket)
    return sorted(plain(answer["Attributes"]).get(Attribute.REMOVED, ()))


def _is_published(rendition_set: RenditionSet, *, records: Records) -> bool:
    key = records.record_key(rendition_set.key, sequencer=rendition_set.sequencer)
    record = read_item(key, records=records) or {}
    return record.get(Attribute.STATUS) == Status.PUBLISHED and record.get(Attribute.ATTEMPT) == rendition_set.attempt


@transient_storage_errors()
def forget(open_set: OpenSet, *, records: Records) -> None:
    """Delete a set's item.

    Raises ServiceBusy if DynamoDB is temporarily unavailable.
    """
    key = open_key(open_set.kind, open_set.rendition_set, records=records)
    clients.dynamodb().delete_item(TableName=records.table, Key=key)


def open_sets(kind: SetKind, *, records: Records) -> Iterator[OpenSet]:
    """List the sets of the workflow that have an item."""
    for stored in query_items(records.open_partition, begin=f"{kind}#", records=records):
        yield _parsed(stored)


def open_sets_of(kind: SetKind, *, key: str, sequencer: str, records: Records) -> Iterator[OpenSet]:
    """List the sets of one upload that have an item."""
    if is_too_long(key):
        return
    for stored in query_items(records.open_partition, begin=f"{kind}#{key}#{sequencer}#", records=records):
        # Another key may contain this key, the separator and the sequencer.
        if stored[Attribute.KEY] == key:
            yield _parsed(stored)


def _parsed(stored: dict[str, Any]) -> OpenSet:
    return OpenSet(
        kind=SetKind(stored[Attribute.KIND]),
        rendition_set=recorded_set(stored, key=stored[Attribute.KEY]),
        due=stored[Attribute.DUE_AT],
        swept=stored.get(Attribute.SWEPT_AT),
    )
