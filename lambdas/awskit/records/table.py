"""The records table: the keys of its items, and the conversion of values."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from awskit.uploads import Upload
from safelight_contracts.environment import Variable
from safelight_contracts.records import (
    UPLOADS,
    Attribute,
    asset_key,
    open_partition,
    sequencer_of,
    timestamp_of,
    tombstone_key,
    upload_key,
    upload_partition,
)

Key = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Records:
    """The items of one workflow in a records table. Other workflows may share the table.

    `workflow`: the workflow's id. It is part of every key except the keys of places.
    """

    table: str
    workflow: str

    def upload_key(self, upload: Upload) -> Key:
        """Return the key of an upload's record."""
        return self.record_key(upload.key, sequencer=upload.sequencer)

    def record_key(self, key: str, *, sequencer: str) -> Key:
        """Return the key of the record of an upload, given its key and its padded sequencer."""
        return item(upload_key(key, sequencer=sequencer, workflow=self.workflow)._asdict())

    def uploads_of(self, key: str) -> tuple[str, str]:
        """Return the partition of a key's records, and the prefix of their sort keys."""
        return upload_partition(key, workflow=self.workflow), UPLOADS

    def tombstone_key(self, key: str, *, version_id: str | None = None) -> Key:
        """Return the key of a tombstone.

        Without a version, the tombstone says up to which sequencer the uploads of the key are deleted. With a version,
        it says that this version is deleted.
        """
        return item(tombstone_key(key, version_id=version_id, workflow=self.workflow)._asdict())

    def asset_key(self, key: str, *, place_id: str) -> Key:
        """Return the key of the asset that is published for a place under an upload's key."""
        return item(asset_key(key, place_id=place_id, workflow=self.workflow)._asdict())

    @property
    def open_partition(self) -> str:
        """The partition of unfinished sets of renditions, which must be published or removed."""
        return open_partition(self.workflow)


def records_from_environment() -> Records:
    """Read which items belong to this workflow: RECORDS_TABLE and WORKFLOW_ID."""
    return Records(table=os.environ[Variable.RECORDS_TABLE], workflow=os.environ[Variable.WORKFLOW_ID])


def recorded_upload(record: Mapping[str, Any], *, bucket: str, key: str, execution: str) -> Upload:
    """Return the upload of a record. Use it to work on the record and the renditions, not to read the object.

    `record`: the upload's record. A record has no size and no ETag, so they are 0 and empty in the result.
    `execution`: the ARN of the execution that works on the upload.
    """
    return Upload(
        bucket=bucket,
        key=key,
        size=0,
        etag="",
        sequencer=sequencer_of(record["sk"]),
        version_id=record.get(Attribute.VERSION_ID),
        execution=execution,
    )


def item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert values to DynamoDB's format."""
    # Imports all of boto3, which functions that read no records do without.
    from boto3.dynamodb.types import TypeSerializer

    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items()}


def plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Convert values from DynamoDB's format. Numbers become `Decimal`."""
    from boto3.dynamodb.types import TypeDeserializer

    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in stored.items()}


def timestamp(*, after: timedelta = timedelta()) -> str:
    """Format the present time plus `after`."""
    return timestamp_of(datetime.now(UTC) + after)
