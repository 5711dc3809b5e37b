"""Sets of renditions that are not, or no longer, what an asset points at: each has an item until it is gone.

An attempt is written before the first rendition of its set, and taken away by the transaction that publishes the set. A
set that is replaced or withdrawn is obsolete. Whoever removes a set lists its prefix, so that nothing depends on what
was recorded of its renditions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from awskit import clients
from awskit.items import query_items, read_item
from awskit.published import list_versions, remove_versions
from awskit.storage import transient_storage_errors
from awskit.table import Records, item, plain, timestamp
from awskit.uploads import Upload, is_too_long

_ATTEMPT_DIGITS = 32


class SetKind(StrEnum):
    """Why a set has an item."""

    ATTEMPT = "ATTEMPT"
    """It is being written, or its execution ended before it was published."""
    OBSOLETE = "OBSOLETE"
    """It was published, and is replaced or withdrawn."""


@dataclass(frozen=True, kw_only=True)
class RenditionSet:
    """What one attempt wrote of one upload.

    Attributes
    ----------
    key, sequencer
        The upload's.
    attempt
        32 hexadecimal digits, as `attempt_of` gives them.
    prefix
        What the keys of its renditions begin with; ends with a slash.
    execution
        The ARN of the execution that wrote it.
    """

    key: str
    sequencer: str
    attempt: str
    prefix: str
    execution: str


class ForeignPrefixError(ValueError):
    """Raised when an item names a prefix that no workflow writes under, and others may."""


def attempt_of(execution: str, *, redrives: int) -> str:
    """Name an attempt, so that nobody can guess it and a retry of the same step names it alike.

    Parameters
    ----------
    execution
        The execution's ARN.
    redrives
        How often the execution was redriven.
    """
    return sha256(f"{execution}#{redrives}".encode()).hexdigest()[:_ATTEMPT_DIGITS]


def set_of(upload: Upload, *, published_prefix: str) -> RenditionSet:
    """Give the set that an execution writes of its upload.

    Parameters
    ----------
    upload
        The upload.
    published_prefix
        What the workflow puts before every rendition's key.
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
    """Read a set from an item that names one: its own, or an asset.

    Parameters
    ----------
    values
        The item's.
    key
        The upload's.
    """
    return RenditionSet(
        key=key,
        sequencer=values["sequencer"],
        attempt=values["attempt"],
        prefix=values["prefix"],
        execution=values["executionArn"],
    )


def open_key(kind: SetKind, rendition_set: RenditionSet, *, records: Records) -> dict[str, Any]:
    """Give the key of a set's item."""
    sort = f"{kind}#{rendition_set.key}#{rendition_set.sequencer}#{rendition_set.attempt}"
    return item({"pk": records.open_partition, "sk": sort})


def open_item(kind: SetKind, rendition_set: RenditionSet, *, records: Records, due: timedelta) -> dict[str, Any]:
    """Write a set's item.

    Parameters
    ----------
    due
        How long from now on it stays, where nobody removes it earlier. An attempt stays for as long as its execution
        runs, however long that is.
    """
    described = item(
        {
            "kind": kind.value,
            "key": rendition_set.key,
            "sequencer": rendition_set.sequencer,
            "attempt": rendition_set.attempt,
            "prefix": rendition_set.prefix,
            "executionArn": rendition_set.execution,
            "createdAt": timestamp(),
            "dueAt": timestamp(after=due),
        }
    )
    return open_key(kind, rendition_set, records=records) | described


@transient_storage_errors()
def begin_attempt(rendition_set: RenditionSet, *, records: Records) -> None:
    """Record a set before its first rendition is written. A retry records it again.

    Raises
    ------
    StorageBusy
        When DynamoDB cannot answer just now.
    """
    attempt = open_item(SetKind.ATTEMPT, rendition_set, records=records, due=timedelta())
    clients.dynamodb().put_item(TableName=records.table, Item=attempt)


@dataclass(frozen=True, kw_only=True)
class OpenSet:
    """A set that has an item.

    Attributes
    ----------
    kind
        Why it has one.
    rendition_set
        The set.
    due
        From when on it may be removed. Of an attempt, when it was made.
    swept
        When its renditions were first removed; None where they were not.
    """

    kind: SetKind
    rendition_set: RenditionSet
    due: str
    swept: str | None


@transient_storage_errors()
def remove_renditions(open_set: OpenSet, *, records: Records, bucket: str) -> list[str]:
    """Remove the renditions of a set. Its item stays for a while, as a function that runs late may write again.

    Returns
    -------
    list of str
        The keys that were removed now and earlier; none where the set is published.

    Raises
    ------
    StorageBusy
        When S3 or DynamoDB cannot answer just now.
    ForeignPrefixError
        When the set's prefix does not end with its key and its attempt.
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
    # Before they go: an attempt that breaks off must not forget their names. From here on the set cannot be published,
    # as the transaction has this condition the other way round.
    try:
        answer = clients.dynamodb().update_item(
            TableName=records.table,
            Key=open_key(open_set.kind, open_set.rendition_set, records=records),
            UpdateExpression="SET sweptAt = if_not_exists(sweptAt, :now)" + (" ADD removed :keys" if keys else ""),
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues=item({":now": timestamp()} | ({":keys": keys} if keys else {})),
            ReturnValues="ALL_NEW",
        )
    except clients.dynamodb().exceptions.ConditionalCheckFailedException:
        return []
    remove_versions(found, bucket=bucket)
    return sorted(plain(answer["Attributes"]).get("removed", ()))


def _is_published(rendition_set: RenditionSet, *, records: Records) -> bool:
    key = records.record_key(rendition_set.key, sequencer=rendition_set.sequencer)
    record = read_item(key, records=records) or {}
    return record.get("status") == "PUBLISHED" and record.get("attempt") == rendition_set.attempt


@transient_storage_errors()
def forget(open_set: OpenSet, *, records: Records) -> None:
    """Delete a set's item.

    Raises
    ------
    StorageBusy
        When DynamoDB cannot answer just now.
    """
    key = open_key(open_set.kind, open_set.rendition_set, records=records)
    clients.dynamodb().delete_item(TableName=records.table, Key=key)


def open_sets(
    kind: SetKind, *, records: Records, key: str | None = None, sequencer: str | None = None
) -> Iterator[OpenSet]:
    """List sets that have an item.

    Parameters
    ----------
    key, sequencer
        Those of one upload; without a sequencer, those of all uploads of the key. Left out, all of the workflow's.
    """
    if key is not None and is_too_long(key):
        return
    begin = f"{kind}#" + ("" if key is None else f"{key}#") + ("" if sequencer is None else f"{sequencer}#")
    for stored in query_items(records.open_partition, begin=begin, records=records):
        # A key may contain what separates it from the sequencer.
        if key in (None, stored["key"]) and sequencer in (None, stored["sequencer"]):
            yield _parsed(stored)


def _parsed(stored: dict[str, Any]) -> OpenSet:
    return OpenSet(
        kind=SetKind(stored["kind"]),
        rendition_set=recorded_set(stored, key=stored["key"]),
        due=stored["dueAt"],
        swept=stored.get("sweptAt"),
    )
