"""The items of the records table: their keys, their states and their attributes.

    place      PLACE#{placeId}          LISTING                          the place's type
    upload     IMAGE#{workflow}#{key}   UPLOAD#{padded sequencer}        the outcome of one upload
    asset      PLACE#{placeId}          ASSET#{workflow}#{key}           what is published under a key
    tombstone  IMAGE#{workflow}#{key}   TOMBSTONE or TOMBSTONE#{version} an object that was deleted
    open set   OPEN#{workflow}          {kind}#{key}#...                 renditions to publish or to remove
    reprocess  REPROCESS#{name}         OUTCOMES                         how many uploads ended in each way

`workflow` is the workflow's id. Several workflows can share one table.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

PLACES = "PLACE#"
"""The prefix of place partition keys."""

REPROCESSES = "REPROCESS#"
"""The prefix of reprocess partition keys."""

UPLOADS = "UPLOAD#"
"""The prefix of upload sort keys."""

_SEQUENCER_DIGITS = 32


class ItemKey(NamedTuple):
    """The primary key of an item."""

    pk: str
    sk: str


class Status(StrEnum):
    """The state of an upload's record."""

    PROCESSING = "PROCESSING"
    """An execution holds the claim."""
    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"
    """A check rejected it. The record has the reason."""
    FAILED = "FAILED"
    """An error stopped its execution. The record has the error."""
    WITHDRAWN = "WITHDRAWN"
    """It was published, and its object was deleted."""


class Attribute(StrEnum):
    """The attributes of items, beside their keys."""

    # Attributes of an upload's record. `schemas` describes each.
    STATUS = "status"
    REASON = "reason"
    DETAIL = "detail"
    PLACE_ID = "placeId"
    ROUTE = "route"
    BUCKET = "bucket"
    VERSION_ID = "versionId"
    DIMENSIONS = "dimensions"
    CHECKS = "checks"
    PHOTO_METADATA = "photoMetadata"
    REDACTED = "redacted"
    RENDITIONS = "renditions"
    ATTEMPT = "attempt"
    WORKFLOW = "workflow"
    VERSION = "version"
    EXECUTION_ARN = "executionArn"
    CLAIMED_BY = "claimedBy"
    STANDING = "standing"
    FAILURE = "failure"
    SUPERSEDED_BY = "supersededBy"
    UNPUBLISHING = "unpublishing"
    ANNOUNCED_AT = "announcedAt"
    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"
    # Attributes of assets, tombstones and open sets.
    KEY = "key"
    """The upload's key."""
    SEQUENCER = "sequencer"
    """The upload's padded sequencer. In a tombstone: uploads with a smaller sequencer are deleted."""
    PREFIX = "prefix"
    """The prefix of the keys of a set's renditions."""
    FOCAL_POINT = "focalPoint"
    """``{"x": 0.3, "y": 0.6}``: what crops of an image delivery keep. Only others write it."""
    PUBLISHED_AT = "publishedAt"
    WIDTH = "width"
    HEIGHT = "height"
    EXPIRES_AT = "expiresAt"
    """When DynamoDB deletes the item, in seconds since 1970."""
    KIND = "kind"
    """Why a set has an item."""
    DUE_AT = "dueAt"
    """The time from which a set may be removed."""
    SWEPT_AT = "sweptAt"
    """The time at which a set was first removed."""
    REMOVED = "removed"
    """The keys of the renditions that were removed."""
    # Attributes of a place's listing.
    PLACE_TYPE = "placeType"
    NAME = "name"


def timestamp_of(moment: datetime) -> str:
    """Write a time in UTC as all items have it: ISO 8601 with milliseconds, so that times sort as text."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def place_key(place_id: str) -> ItemKey:
    """Return the key of a place's listing."""
    return ItemKey(pk=f"{PLACES}{place_id}", sk="LISTING")


def upload_partition(key: str, *, workflow: str) -> str:
    """Return the partition of the records of all uploads of a key."""
    return f"{uploads_prefix(workflow)}{key}"


def uploads_prefix(workflow: str) -> str:
    """Return the prefix of the partition keys of all uploads of a workflow."""
    return f"IMAGE#{workflow}#"


def upload_key(key: str, *, sequencer: str, workflow: str) -> ItemKey:
    """Return the key of an upload's record.

    Parameters
    ----------
    key
        The upload's key.
    sequencer
        From the upload's S3 event, padded or not.
    workflow
        The workflow's id.
    """
    return ItemKey(pk=upload_partition(key, workflow=workflow), sk=f"{UPLOADS}{pad_sequencer(sequencer)}")


def sequencer_of(sort_key: str) -> str:
    """Read the padded sequencer from the sort key of an upload's record."""
    return sort_key.removeprefix(UPLOADS)


def pad_sequencer(sequencer: str) -> str:
    """Pad a sequencer of S3 on the left to 32 digits, so that the sequencers of one key sort as text.

    S3's sequencers are hexadecimal numbers of different lengths ("Event message structure" in the S3 User Guide).
    """
    return sequencer.rjust(_SEQUENCER_DIGITS, "0")


def tombstone_key(key: str, *, version_id: str | None, workflow: str) -> ItemKey:
    """Return the key of a tombstone: it says up to which sequencer a key's uploads, or which version, are deleted.

    Parameters
    ----------
    key
        The upload's key.
    version_id
        The deleted version. `None`: all versions up to the sequencer.
    workflow
        The workflow's id.
    """
    sort_key = "TOMBSTONE" if version_id is None else f"TOMBSTONE#{version_id}"
    return ItemKey(pk=upload_partition(key, workflow=workflow), sk=sort_key)


def asset_key(key: str, *, place_id: str, workflow: str) -> ItemKey:
    """Return the key of the item that points at what is published under an upload's key."""
    return ItemKey(pk=f"{PLACES}{place_id}", sk=f"{_assets_prefix(workflow)}{key}")


def key_of_asset(sort_key: str, *, workflow: str) -> str:
    """Read the upload's key from the sort key of an asset."""
    return sort_key.removeprefix(_assets_prefix(workflow))


def _assets_prefix(workflow: str) -> str:
    return f"ASSET#{workflow}#"


def open_partition(workflow: str) -> str:
    """Return the partition of the sets of renditions that must be published or removed."""
    return f"OPEN#{workflow}"


def reprocess_key(name: str) -> ItemKey:
    """Return the key of the item in which a reprocess counts its outcomes, by the name of its execution."""
    return ItemKey(pk=f"{REPROCESSES}{name}", sk="OUTCOMES")
