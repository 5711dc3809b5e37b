"""Uploads of a deployed workflow whose route redacts, and what became of them."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from PIL import Image

from safelight_contracts.records import UPLOADS, Attribute, Status, upload_partition
from safelight_contracts.redaction.boxes import Box, boxes_from_json
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.emulator.endpoints import Endpoints

# Pixels. Scaling mixes those on both sides of an edge.
_EDGE = 2


@dataclass(frozen=True, kw_only=True)
class WorkflowUploads:
    """The uploads of a workflow."""

    endpoints: Endpoints
    workflow: DeployedWorkflow

    def put(self, key: str, data: bytes) -> None:
        """Upload a file."""
        self.endpoints.s3.put_object(Bucket=self.workflow.upload_bucket, Key=key, Body=data)

    def outcomes(self, key: str) -> list[dict[str, Any]]:
        """The records of a key's uploads that no execution processes any more."""
        answer = self.endpoints.dynamodb.query(
            TableName=self.workflow.records_table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :upload)",
            ExpressionAttributeValues={
                ":pk": {"S": upload_partition(key, workflow=self.workflow.workflow_id)},
                ":upload": {"S": UPLOADS},
            },
            ConsistentRead=True,
        )
        read = TypeDeserializer().deserialize
        records = [{name: read(value) for name, value in item.items()} for item in answer["Items"]]
        return [record for record in records if record[Attribute.STATUS] != Status.PROCESSING]

    def renditions(self, key: str) -> list[bytes]:
        """All that is in the published bucket of a key."""
        bucket = self.workflow.published_bucket
        listed = self.endpoints.s3.list_objects_v2(Bucket=bucket, Prefix=f"{key}/").get("Contents", [])
        return [self.endpoints.s3.get_object(Bucket=bucket, Key=it["Key"])["Body"].read() for it in listed]


def boxes_of(record: dict[str, Any]) -> Sequence[Box]:
    """The boxes that a record says are covered."""
    return boxes_from_json(json.loads(record[Attribute.REDACTED])["boxes"])


def contrast_in(data: bytes, box: Box) -> int:
    """The difference between the lightest and the darkest pixel of a box of a picture."""
    with Image.open(io.BytesIO(data)) as picture:
        part = (
            box.left * picture.width + _EDGE,
            box.top * picture.height + _EDGE,
            box.right * picture.width - _EDGE,
            box.bottom * picture.height - _EDGE,
        )
        low, high = picture.convert("L").crop(tuple(map(round, part))).getextrema()  # type: ignore[arg-type]
    assert isinstance(low, int)
    assert isinstance(high, int)
    return high - low
