"""Uploads and their redacted copies in S3, as they are now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.rejection import RejectedImage, UploadFault
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from safelight_contracts.keys import parse_version_id
from safelight_contracts.redaction.service import COUNTS, MADE_FROM

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef, HeadObjectOutputTypeDef, PutObjectRequestTypeDef

MAX_ROUNDS = 5
"""How often an upload is looked at and what is kept of it written. Each round but the first means that somebody else
wrote or deleted something at the same time."""

_NOT_FOUND, _METHOD_NOT_ALLOWED, _PRECONDITION_FAILED, _CONFLICT = 404, 405, 412, 409
_ARCHIVED = "InvalidObjectState"


class UploadChangedError(Exception):
    """Raised if an upload was replaced or deleted while it was read."""


@dataclass(frozen=True, kw_only=True)
class StoredUpload:
    """An upload.

    `etag`: with its quotes.
    `version_id`: None in a bucket without versions.
    `uploaded`: when it was stored, in seconds since 1970. S3 rounds to whole ones.
    `is_redacted`: whether it is a redacted copy itself.
    """

    bucket: str
    key: str
    etag: str
    version_id: str | None
    size: int
    uploaded: float
    is_redacted: bool


@dataclass(frozen=True, kw_only=True)
class StoredCopy:
    """What is at the place of a redacted copy.

    `etag`: with its quotes.
    `made_from`: from `safelight_contracts.redaction.service.ServiceSettings.made_from`. None if no redaction wrote it.
    `counts`: how much is covered, by kind. Empty if it does not say so.
    `metadata`: what its writer said of it.
    """

    bucket: str
    key: str
    etag: str
    content_type: str
    made_from: str | None
    counts: Mapping[str, int]
    metadata: Mapping[str, str]


def find_upload(*, bucket: str, key: str) -> StoredUpload | None:
    """Return the upload that a key has now. None if there is none.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    found = _head(bucket=bucket, key=key)
    return found and StoredUpload(
        bucket=bucket,
        key=key,
        etag=found["ETag"],
        version_id=parse_version_id(found.get("VersionId")),
        size=found["ContentLength"],
        uploaded=found["LastModified"].timestamp(),
        is_redacted=MADE_FROM in found["Metadata"],
    )


def find_copy(*, bucket: str, key: str) -> StoredCopy | None:
    """Return what is at the place of a redacted copy now. None if there is nothing.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    found = _head(bucket=bucket, key=key)
    return found and StoredCopy(
        bucket=bucket,
        key=key,
        etag=found["ETag"],
        content_type=found["ContentType"],
        made_from=found["Metadata"].get(MADE_FROM),
        counts=_counts(found["Metadata"]) if MADE_FROM in found["Metadata"] else {},
        metadata=found["Metadata"],
    )


@transient_storage_errors()
def read_upload(upload: StoredUpload) -> bytes:
    """Read a whole upload.

    Raises UploadChangedError if it was replaced or deleted in the meantime. Raises RejectedImage: `ARCHIVED`. Raises
    ServiceBusy if S3 is temporarily unavailable, or returns more or fewer bytes than the upload has.
    """
    request: GetObjectRequestTypeDef = {"Bucket": upload.bucket, "Key": upload.key, "IfMatch": upload.etag}
    if upload.version_id is not None:
        request["VersionId"] = upload.version_id
    try:
        answer = clients.s3().get_object(**request)
        body = answer["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] == _ARCHIVED:
            raise RejectedImage(UploadFault.ARCHIVED) from error
        if _status(error) in (_NOT_FOUND, _METHOD_NOT_ALLOWED, _PRECONDITION_FAILED):
            raise UploadChangedError from error
        raise
    if len(body) != upload.size:
        raise ServiceBusy(f"S3 returned {len(body)} bytes of an upload instead of {upload.size}")
    return body


@transient_storage_errors()
def write_copy(
    data: bytes, *, bucket: str, key: str, content_type: str, metadata: Mapping[str, str], instead_of: StoredCopy | None
) -> bool:
    """Write a redacted copy if its place is still as it was. Return whether it was written.

    `instead_of`: what is there. None: nothing.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    request: PutObjectRequestTypeDef = {
        "Bucket": bucket,
        "Key": key,
        "Body": data,
        "ContentType": content_type,
        "Metadata": dict(metadata),
    }
    if instead_of is None:
        request["IfNoneMatch"] = "*"
    else:
        request["IfMatch"] = instead_of.etag
    try:
        clients.s3().put_object(**request)
    except ClientError as error:
        # With If-Match, an object that is gone is 404.
        if _status(error) in (_NOT_FOUND, _PRECONDITION_FAILED, _CONFLICT):
            return False
        raise
    return True


@transient_storage_errors()
def delete_copy(copy: StoredCopy) -> bool:
    """Delete a redacted copy if it is still the same. Return whether it is gone.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    try:
        clients.s3().delete_object(Bucket=copy.bucket, Key=copy.key, IfMatch=copy.etag)
    except ClientError as error:
        if _status(error) in (_PRECONDITION_FAILED, _CONFLICT):
            return False
        if _status(error) == _NOT_FOUND:
            return True
        raise
    return True


def _counts(metadata: Mapping[str, str]) -> Mapping[str, int]:
    try:
        counts = json.loads(metadata.get(COUNTS, "{}"))
    except ValueError:
        return {}
    return counts if isinstance(counts, dict) else {}


@transient_storage_errors()
def _head(*, bucket: str, key: str) -> "HeadObjectOutputTypeDef | None":
    try:
        return clients.s3().head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        # The role may list both buckets, so a missing object is 404 and not 403.
        if _status(error) == _NOT_FOUND:
            return None
        raise


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
