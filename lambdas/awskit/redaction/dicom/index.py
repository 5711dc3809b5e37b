"""Reads and writes the outcome of each upload."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.transient_errors import transient_storage_errors
from safelight_contracts.redaction.dicom_index import Entry

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

_NOT_FOUND, _CHANGED = 404, (404, 409, 412)


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
    return StoredEntry(entry=Entry.from_json(described), etag=answer["ETag"])


@transient_storage_errors()
def write_entry(entry: Entry, *, bucket: str, key: str, instead_of: StoredEntry | None) -> StoredEntry | None:
    """Write an entry if it is still as it was read. Return None if it is not.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    request: PutObjectRequestTypeDef = {
        "Bucket": bucket,
        "Key": key,
        "Body": json.dumps(entry.as_json()).encode(),
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
