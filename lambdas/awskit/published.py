"""Objects in the published bucket: writing, listing and removing renditions."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from awskit import clients
from awskit.storage import StorageBusy, transient_storage_errors

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

# "DeleteObjects" in the S3 API reference.
_MAX_DELETED = 1000
# "Characters" in XML 1.0, which DeleteObjects is sent as. S3 takes every other character in a key as well.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@transient_storage_errors()
def put_rendition(*, bucket: str, key: str, data: bytes, content_type: str, cache_control: str) -> None:
    """Write a rendition under a key that belongs to one attempt of one execution.

    Parameters
    ----------
    bucket, key
        Where to.
    data
        The whole file.
    content_type
        Its media type.
    cache_control
        How long browsers and CDNs may keep it.

    Raises
    ------
    StorageBusy
        When S3 cannot answer just now.
    """
    clients.s3().put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type, CacheControl=cache_control)


@transient_storage_errors()
def list_versions(*, bucket: str, prefix: str) -> "list[ObjectIdentifierTypeDef]":
    """List every object right under a prefix, with all of its versions and delete markers.

    What lies further down belongs to an upload whose key begins with the prefix.

    Parameters
    ----------
    bucket
        With or without versions.
    prefix
        What the keys begin with.

    Raises
    ------
    StorageBusy
        When S3 cannot answer just now.
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
    """Remove versions of objects for good.

    Parameters
    ----------
    found
        As `list_versions` gives them.
    bucket
        Where they are.

    Raises
    ------
    StorageBusy
        When S3 cannot answer just now, or removed only some of them.
    """
    for there in found:
        if _NOT_IN_XML.search(there["Key"]):
            clients.s3().delete_object(Bucket=bucket, Key=there["Key"], VersionId=there["VersionId"])
    listed = [there for there in found if not _NOT_IN_XML.search(there["Key"])]
    for start in range(0, len(listed), _MAX_DELETED):
        batch = listed[start : start + _MAX_DELETED]
        answer = clients.s3().delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        if refused := answer.get("Errors"):
            raise StorageBusy(f"{len(refused)} objects were not removed: {refused[0].get('Code')}")
