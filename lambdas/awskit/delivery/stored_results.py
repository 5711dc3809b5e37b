"""Results in the results bucket."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.clients import presigner
from awskit.delivery.places import is_missing
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from safelight_contracts.delivery.settings import MAX_ANSWER

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, PutObjectRequestTypeDef

_KeptHeader = Literal["ContentDisposition", "ContentLanguage"]

FINGERPRINT = "source"
"""The metadata of a result that says what it was made from: ``x-amz-meta-source``."""

# S3 keeps these with an object, so that CloudFront answers them too. By the name of a header: S3's own name of it.
_KEPT_HEADERS: Mapping[str, _KeptHeader] = {
    "Content-Disposition": "ContentDisposition",
    "Content-Language": "ContentLanguage",
}

_PRECONDITION_FAILED, _CONFLICT = 412, 409
_TEMPORARY_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Result:
    """An image as it is delivered.

    Parameters
    ----------
    key
        In the results bucket.
    data
        ``None`` if it is stored and too large for an answer.
    cache_control
        For viewers and for CloudFront.
    headers
        Further headers that the request asked for.
    etag
        With its quotes.
    fingerprint
        Of the source that it was made from.
    age
        Seconds since it was stored.
    """

    key: str
    data: bytes | None
    content_type: str
    cache_control: str
    headers: Mapping[str, str]
    etag: str
    fingerprint: str
    age: float = 0.0


@transient_storage_errors()
def read_result(key: str, *, bucket: str) -> Result | None:
    """Read a stored result. ``None`` if there is none.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    try:
        answer = clients.s3().get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    with answer["Body"] as body:
        data = body.read() if answer["ContentLength"] <= MAX_ANSWER else None
    return Result(
        key=key,
        data=data,
        content_type=answer["ContentType"],
        cache_control=answer["CacheControl"],
        headers={name: answer[given] for name, given in _KEPT_HEADERS.items() if given in answer},
        etag=answer["ETag"],
        fingerprint=answer["Metadata"].get(FINGERPRINT, ""),
        age=_age(answer),
    )


def temporary_url(key: str, *, bucket: str, expires: int | None = None) -> str:
    """Return a URL of a stored result that is valid for a minute. Nobody may keep what it answers.

    Parameters
    ----------
    expires
        When the URL is invalid at the latest, in seconds since 1970. Default: after the minute.
    """
    left = _TEMPORARY_SECONDS if expires is None else max(1, expires - int(time.time()))
    return presigner().generate_presigned_url(
        "get_object",
        Params={"Bucket": bucket, "Key": key, "ResponseCacheControl": "private, no-store"},
        ExpiresIn=min(_TEMPORARY_SECONDS, left),
    )


def _age(answer: "GetObjectOutputTypeDef") -> float:
    # Both times are S3's.
    sent = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(sent) if sent else datetime.now(UTC)
    return (now - answer["LastModified"]).total_seconds()


@transient_storage_errors()
def store_result(data: bytes, *, result: Result, bucket: str) -> str | None:
    """Store a result unless there is one.

    Parameters
    ----------
    data
        The whole file, however large it is.
    result
        Its key and headers.

    Returns
    -------
    str | None
        Its ETag. ``None`` if somebody else has stored one.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable, or another request writes or deletes the result at the same time.
    """
    request: PutObjectRequestTypeDef = {
        "Bucket": bucket,
        "Key": result.key,
        "Body": data,
        "ContentType": result.content_type,
        "CacheControl": result.cache_control,
        "Metadata": {FINGERPRINT: result.fingerprint},
        "IfNoneMatch": "*",
    }
    for name, value in result.headers.items():
        request[_KEPT_HEADERS[name]] = value
    try:
        answer = clients.s3().put_object(**request)
    except ClientError as error:
        if status_of(error) == _PRECONDITION_FAILED:
            return None
        if status_of(error) == _CONFLICT:
            raise ServiceBusy(str(error)) from error
        raise
    return answer["ETag"]


@transient_storage_errors()
def remove_result(key: str, *, etag: str, bucket: str) -> None:
    """Delete a stored result, unless it has been replaced or is gone.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    delete_if_unchanged(key, etag=etag, bucket=bucket)


def delete_if_unchanged(key: str, *, etag: str, bucket: str) -> None:
    """Delete an object if it has an ETag."""
    try:
        clients.s3().delete_object(Bucket=bucket, Key=key, IfMatch=etag)
    except ClientError as error:
        if not (is_missing(error) or status_of(error) in (_PRECONDITION_FAILED, _CONFLICT)):
            raise


def status_of(error: ClientError) -> int:
    """Return the HTTP status of an error."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
