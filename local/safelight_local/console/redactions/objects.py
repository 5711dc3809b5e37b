"""Reads objects of the buckets of a redaction."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from safelight_local.aws.clients import Clients

_NOT_FOUND = 404
# Boxes of a video that are kept for review have 6 MB at most.
_MOST_BYTES = 20_000_000

Review = TypeVar("Review")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What S3 knows about an object.

    `type`: its content type.
    """

    bytes: int
    modified: datetime
    type: str
    metadata: Mapping[str, str]
    version_id: str | None


def find(clients: Clients, *, bucket: str, key: str) -> Stored | None:
    """Look whether an object is there."""
    try:
        found = clients.s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_FOUND:
            return None
        raise
    return Stored(
        bytes=found["ContentLength"],
        modified=found["LastModified"],
        type=found.get("ContentType", ""),
        metadata=found["Metadata"],
        version_id=found.get("VersionId"),
    )


def read_review(
    clients: Clients, *, bucket: str, key: str, read: Callable[[Mapping[str, Any]], Review]
) -> Review | None:
    """Read what is kept for a review. None if it is not there, or is something else."""
    if not bucket:
        return None
    try:
        found = clients.s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_FOUND:
            return None
        raise
    with found["Body"] as body:
        if found["ContentLength"] > _MOST_BYTES:
            return None
        try:
            return read(json.loads(body.read()))
        except (ValueError, TypeError, KeyError):
            return None
