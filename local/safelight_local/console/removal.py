"""What an execution did with the upload that it rejected: it may have moved it to quarantine, or deleted it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import ClientError

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.history import StateVisit
from safelight_local.aws.records import json_object


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The copy of an upload in the quarantine bucket.

    `version_id`: its version; None is the newest of the key.
    """

    bucket: str
    version_id: str | None


@dataclass(frozen=True, kw_only=True)
class Removal:
    """How an upload was removed from the upload bucket.

    `words`: what was done with it.
    `copy`: None if it was deleted, or if the workflow has no quarantine bucket any more.
    """

    words: str
    copy: Copy | None


def removal_of(
    clients: Clients, *, workflow: DeployedWorkflow, key: str, visits: Iterable[StateVisit]
) -> Removal | None:
    """Find out whether an execution removed its upload.

    `key`: of the upload.
    `visits`: its visits to states; the output of the one that removes a rejected upload says what it did.

    Result: None if the upload was kept.
    """
    for visit in visits:
        match json_object(visit.output).get("upload"):
            case "DELETE":
                return Removal(words="Deleted, because it was rejected", copy=None)
            case "QUARANTINE":
                return _moved(clients, bucket=workflow.quarantine_bucket, key=key, when=visit.left)
    return None


def _moved(clients: Clients, *, bucket: str | None, key: str, when: datetime | None) -> Removal:
    if bucket is None:
        return Removal(words="Moved to quarantine, to a bucket that the workflow no longer has", copy=None)
    version_id = _version_at(clients, bucket=bucket, key=key, when=when)
    return Removal(words=f"Moved to quarantine: s3://{bucket}/{key}", copy=Copy(bucket=bucket, version_id=version_id))


def _version_at(clients: Clients, *, bucket: str, key: str, when: datetime | None) -> str | None:
    """Find the version of a key that was the newest at a time: two uploads can have one key."""
    pages = clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
    try:
        versions = [it for page in pages for it in page.get("Versions", ()) if it["Key"] == key]
    except ClientError:
        # Whoever may read the object may not always list the bucket.
        return None
    earlier = [it for it in versions if when is None or it["LastModified"] <= when]
    return max(earlier, key=lambda it: it["LastModified"])["VersionId"] if earlier else None
