"""Write, list and remove renditions in the published bucket."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from awskit import clients
from awskit.storage import ServiceBusy, transient_storage_errors
from safelight_contracts.renditions import RENDITION_MARKER

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

# See "DeleteObjects" in the S3 API reference.
_MAX_DELETED = 1000
# See "Characters" in XML 1.0, the format of a DeleteObjects request. S3 accepts every other character in a key too.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@transient_storage_errors()
def put_rendition(*, bucket: str, key: str, data: bytes, content_type: str, cache_control: str) -> None:
    """Write a rendition, with its marker, under a key that belongs to one attempt of one execution.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    clients.s3().put_object(
        Bucket=bucket,
        Key=key,
        Body=data,
        ContentType=content_type,
        CacheControl=cache_control,
        Metadata={RENDITION_MARKER: "true"},
    )


@transient_storage_errors()
def list_versions(*, bucket: str, prefix: str) -> "list[ObjectIdentifierTypeDef]":
    """List all versions and delete markers of the objects directly under a prefix.

    Objects further down belong to an upload whose key begins with the prefix.

    `bucket`: a bucket with or without versioning.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    return [
        {"Key": there["Key"], "VersionId": there["VersionId"]}
        for page in clients.s3()
        .get_paginator("list_object_versions")
        .paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        for there in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    ]


@transient_storage_errors()
def remove_versions(found: "Sequence[ObjectIdentifierTypeDef]", *, bucket: str) -> None:
    """Delete versions of objects permanently.

    `found`: the versions, from `list_versions`.

    Raises ServiceBusy if S3 is temporarily unavailable, or removed only some of the versions.
    """
    for there in found:
        if _NOT_IN_XML.search(there["Key"]):
            clients.s3().delete_object(Bucket=bucket, Key=there["Key"], VersionId=there["VersionId"])
    listed = [there for there in found if not _NOT_IN_XML.search(there["Key"])]
    for start in range(0, len(listed), _MAX_DELETED):
        batch = listed[start : start + _MAX_DELETED]
        answer = clients.s3().delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        if refused := answer.get("Errors"):
            raise ServiceBusy(f"{len(refused)} objects were not removed: {refused[0].get('Code')}")
