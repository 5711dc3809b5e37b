"""Items of a records table for claims, deletions and renditions to remove."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from tools.fault_lab.lab import FaultLab

from safelight_contracts.records import open_partition, tombstone_key, upload_key
from safelight_local.aws.executions import Execution

_LONG_AGO = "2020-01-01T00:00:00.000Z"


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item as DynamoDB gives it. Numbers are `Decimal`."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in item.items()}


def open_sets(lab: FaultLab, workflow: str, *, kind: str, key: str) -> list[dict[str, Any]]:
    """List the items of a key's sets of renditions of one kind, ``ATTEMPT`` or ``OBSOLETE``."""
    deployed = lab.workflows[workflow]
    answer = lab.aws.dynamodb.query(
        TableName=deployed.records_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :begin)",
        ExpressionAttributeValues={
            ":pk": {"S": open_partition(deployed.workflow_id)},
            ":begin": {"S": f"{kind}#{key}#"},
        },
        ConsistentRead=True,
    )
    return [plain(item) for item in answer["Items"]]


def let_time_pass(lab: FaultLab, workflow: str, *, key: str) -> None:
    """Make all sets of a key look as if they had been due, and swept, long ago."""
    for kind in ("ATTEMPT", "OBSOLETE"):
        for item in open_sets(lab, workflow, kind=kind, key=key):
            swept = ", sweptAt = :ago" if "sweptAt" in item else ""
            lab.aws.dynamodb.update_item(
                TableName=lab.workflows[workflow].records_table,
                Key={"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}},
                UpdateExpression=f"SET dueAt = :ago{swept}",
                ExpressionAttributeValues={":ago": {"S": _LONG_AGO}},
            )


def claimant(lab: FaultLab, workflow: str, execution: Execution) -> str | None:
    """Return the execution that claimed an execution's upload, or None."""
    deployed, upload = lab.workflows[workflow], execution.upload
    partition, sort = upload_key(upload["key"], workflow=deployed.workflow_id, sequencer=upload["sequencer"])
    return _item(lab, workflow, partition, sort).get("claimedBy")


def has_tombstone(lab: FaultLab, workflow: str, *, key: str) -> bool:
    """Whether the deletion of a key is recorded."""
    partition, sort = tombstone_key(key, version_id=None, workflow=lab.workflows[workflow].workflow_id)
    return bool(_item(lab, workflow, partition, sort))


def _item(lab: FaultLab, workflow: str, partition: str, sort: str) -> dict[str, Any]:
    answer = lab.aws.dynamodb.get_item(
        TableName=lab.workflows[workflow].records_table,
        Key={"pk": {"S": partition}, "sk": {"S": sort}},
        ConsistentRead=True,
    )
    return plain(answer.get("Item", {}))
