"""Records of uploads as a workflow writes them, for tests in which no workflow runs."""

from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from safelight_contracts.keys import parse_version_id, place_id
from safelight_contracts.records import Attribute, Status, timestamp_of, upload_key
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.records import to_dynamodb
from safelight_local.emulator.endpoints import Endpoints


def put_record(
    endpoints: Endpoints,
    *,
    workflow: DeployedWorkflow,
    upload: dict[str, Any],
    status: Status,
    execution: str,
    at: datetime | None,
    **more: str,
) -> None:
    """Write the record of an upload, given the ``detail.object`` of its event. ``at=None`` stands for now."""
    now = timestamp_of(at or datetime.now(UTC))
    attributes = {
        Attribute.STATUS: status.value,
        Attribute.CLAIMED_BY if status is Status.PROCESSING else Attribute.EXECUTION_ARN: execution,
        Attribute.PLACE_ID: place_id(upload["key"], prefix=workflow.key_prefix),
        Attribute.WORKFLOW: workflow.workflow_id,
        Attribute.BUCKET: workflow.upload_bucket,
        Attribute.VERSION_ID: parse_version_id(upload.get("version-id")),
        Attribute.CREATED_AT: now,
        Attribute.UPDATED_AT: now,
        **more,
    }
    endpoints.dynamodb.put_item(
        TableName=workflow.records_table,
        Item=_key(workflow, upload)
        | {str(name): TypeSerializer().serialize(value) for name, value in attributes.items()},
    )


def read_record_item(endpoints: Endpoints, *, workflow: DeployedWorkflow, upload: dict[str, Any]) -> dict[str, Any]:
    """Read the record of an upload in DynamoDB's own form."""
    found = endpoints.dynamodb.get_item(
        TableName=workflow.records_table, Key=_key(workflow, upload), ConsistentRead=True
    )
    return dict(found["Item"])


def _key(workflow: DeployedWorkflow, upload: dict[str, Any]) -> dict[str, Any]:
    return to_dynamodb(upload_key(upload["key"], sequencer=upload["sequencer"], workflow=workflow.workflow_id))
