"""What became of each upload: a private object in the quarantine, under a keyed hash of the upload's key.

A released file has a key of its UIDs, so nothing else leads from an upload that is gone to its file.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.transient_errors import transient_storage_errors

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

_NOT_FOUND, _CHANGED = 404, (404, 409, 412)


class Room(StrEnum):
    """Where a file is."""

    DESTINATION = "DESTINATION"
    QUARANTINE = "QUARANTINE"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The place of a file that was made from an upload."""

    room: Room
    key: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What became of an upload.

    `made_from`: the version of the upload, as `Names.made_from` names it. None while it changes.
    `places`: every place that can have a file of the upload. One, unless it changes.
    `reason`: why the upload is put aside. None if its file is released.
    """

    made_from: str | None
    places: Sequence[Place]
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class StoredEntry:
    """An entry as it is stored. `etag`: with its quotes."""

    entry: Entry
    etag: str


@transient_storage_errors()
def read_entry(*, bucket: str, key: str) -> StoredEntry | None:
    """Read the entry of an upload. None if there is none.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    try:
        answer = clients.s3().get_object(Bucket=bucket, Key=key)
        described = json.loads(answer["Body"].read())
    except ClientError as error:
        # The role may list the bucket, so a missing object is 404 and not 403.
        if _status(error) == _NOT_FOUND:
            return None
        raise
    entry = Entry(
        made_from=described["madeFrom"],
        places=[Place(room=Room(it["room"]), key=it["key"]) for it in described["places"]],
        reason=described["reason"],
    )
    return StoredEntry(entry=entry, etag=answer["ETag"])


@transient_storage_errors()
def write_entry(entry: Entry, *, bucket: str, key: str, instead_of: StoredEntry | None) -> StoredEntry | None:
    """Write an entry if it is still as it was read. Return None if it is not.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    described = {
        "madeFrom": entry.made_from,
        "places": [{"room": it.room, "key": it.key} for it in entry.places],
        "reason": entry.reason,
    }
    request: PutObjectRequestTypeDef = {
        "Bucket": bucket,
        "Key": key,
        "Body": json.dumps(described).encode(),
        "ContentType": "application/json",
    }
    if instead_of is None:
        request["IfNoneMatch"] = "*"
    else:
        request["IfMatch"] = instead_of.etag
    try:
        written = clients.s3().put_object(**request)
    except ClientError as error:
        if _status(error) in _CHANGED:
            return None
        raise
    return StoredEntry(entry=entry, etag=written["ETag"])


@transient_storage_errors()
def delete_entry(stored: StoredEntry, *, bucket: str, key: str) -> bool:
    """Delete an entry if it is still as it was read. Return whether it was.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    try:
        clients.s3().delete_object(Bucket=bucket, Key=key, IfMatch=stored.etag)
    except ClientError as error:
        if _status(error) in _CHANGED:
            return False
        raise
    return True


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
