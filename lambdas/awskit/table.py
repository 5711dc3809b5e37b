"""The records table: the keys of its items, and how values are written and read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from awskit.uploads import Upload
from safelight_contracts.records import (
    UPLOADS,
    asset_key,
    open_partition,
    sequencer_of,
    tombstone_key,
    upload_key,
    upload_partition,
)

Key = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Records:
    """One workflow's items in a records table, which other workflows may share.

    Attributes
    ----------
    table
        The table's name.
    workflow
        The workflow's id. It is part of every key but those of places.
    """

    table: str
    workflow: str

    def upload_key(self, upload: Upload) -> Key:
        """Give the key of an upload's record."""
        return self.record_key(upload.key, sequencer=upload.sequencer)

    def record_key(self, key: str, *, sequencer: str) -> Key:
        """Give the key of the record of a key's upload, by its padded sequencer."""
        return item(upload_key(key, sequencer=sequencer, workflow=self.workflow)._asdict())

    def uploads_of(self, key: str) -> tuple[str, str]:
        """Give the partition of a key's records, and what their sort keys begin with."""
        return upload_partition(key, workflow=self.workflow), UPLOADS

    def tombstone_key(self, key: str, *, version_id: str | None = None) -> Key:
        """Give the key of the item that says up to which sequencer a key's uploads are deleted, or one version is."""
        return item(tombstone_key(key, version_id=version_id, workflow=self.workflow)._asdict())

    def asset_key(self, key: str, *, place_id: str) -> Key:
        """Give the key of what is published for a place under an upload's key."""
        return item(asset_key(key, place_id=place_id, workflow=self.workflow)._asdict())

    @property
    def open_partition(self) -> str:
        """The partition of what is not finished: sets of renditions that must be published or removed."""
        return open_partition(self.workflow)


def records_from_environment() -> Records:
    """Read which items are this workflow's: RECORDS_TABLE and WORKFLOW_ID."""
    return Records(table=os.environ["RECORDS_TABLE"], workflow=os.environ["WORKFLOW_ID"])


def recorded_upload(record: Mapping[str, Any], *, bucket: str, key: str, execution: str) -> Upload:
    """Give the upload that a record tells of, to work on its record and renditions, not to read its object.

    Parameters
    ----------
    record
        The upload's record. It has no size and no ETag; here they are 0 and empty.
    bucket, key
        Where the object is or was.
    execution
        The ARN of the execution that works on the upload.
    """
    return Upload(
        bucket=bucket,
        key=key,
        size=0,
        etag="",
        sequencer=sequencer_of(record["sk"]),
        version_id=record.get("versionId"),
        execution=execution,
    )


def item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write values as DynamoDB takes them."""
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items()}


def plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Read values that DynamoDB gives. Numbers are `Decimal`."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in stored.items()}


def timestamp(*, after: timedelta = timedelta()) -> str:
    """Write the time from now on, in UTC with milliseconds, as all of the table's times are written."""
    return (datetime.now(UTC) + after).isoformat(timespec="milliseconds").replace("+00:00", "Z")
