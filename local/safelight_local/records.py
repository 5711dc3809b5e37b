"""Reads and writes the records table as a user's program would: places in, records out."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from safelight_local.deployment import DeployedWorkflow
from safelight_local.endpoints import Endpoints

_SEQUENCER_WIDTH = 32


@dataclass(frozen=True, kw_only=True)
class Record:
    """What became of an upload.

    Attributes
    ----------
    status : str
        ``PROCESSING``, ``PUBLISHED``, ``REJECTED`` or ``FAILED``.
    reason : str or None
        Why it was rejected, or the error that it failed with.
    detail : str
        What stands behind the reason or the failure: JSON text, empty for what was published.
    renditions : tuple[dict, ...]
        ``name``, ``key``, ``type``, ``width``, ``height`` and ``bytes`` of each.
    checks : tuple[dict, ...]
        ``check``, ``accepted``, ``reason`` and ``detail`` of each check of its route. Empty where none was made.
    """

    status: str
    reason: str | None
    detail: str
    renditions: tuple[dict[str, Any], ...]
    checks: tuple[dict[str, Any], ...]


def seed_place(endpoints: Endpoints, *, workflow: DeployedWorkflow, place_id: str, place_type: str, name: str) -> None:
    """Write the listing of a place, which says what type it is.

    Parameters
    ----------
    endpoints : Endpoints
        Where the workflow is deployed.
    workflow : DeployedWorkflow
        The workflow that looks the place up.
    place_id : str
        The first segment of the keys of the place's uploads.
    place_type : str
        Such as ``park`` or ``restaurant``.
    name : str
        What people call it.
    """
    endpoints.dynamodb.put_item(
        TableName=workflow.records_table,
        Item={
            "pk": {"S": f"PLACE#{place_id}"},
            "sk": {"S": "LISTING"},
            "placeType": {"S": place_type},
            "name": {"S": name},
        },
    )


def read_record(endpoints: Endpoints, *, workflow: DeployedWorkflow, key: str, sequencer: str) -> Record | None:
    """Read the record of an upload.

    Parameters
    ----------
    endpoints : Endpoints
        Where the workflow is deployed.
    workflow : DeployedWorkflow
        The workflow that the upload started.
    key : str
        The upload's key.
    sequencer : str
        From the upload's event: tells uploads of one key apart.

    Returns
    -------
    Record or None
        None when nothing is recorded.
    """
    answer = endpoints.dynamodb.get_item(
        TableName=workflow.records_table,
        Key={
            "pk": {"S": f"IMAGE#{key}"},
            "sk": {"S": f"UPLOAD#{sequencer.rjust(_SEQUENCER_WIDTH, '0')}"},
        },
        ConsistentRead=True,
    )
    if "Item" not in answer:
        return None
    item = {name: _plain(TypeDeserializer().deserialize(value)) for name, value in answer["Item"].items()}
    return Record(
        status=item["status"],
        reason=item.get("reason"),
        detail=item.get("detail") or "",
        renditions=tuple(item.get("renditions") or ()),
        checks=tuple(json.loads(item.get("checks") or "[]")),
    )


def _plain(value: Any) -> Any:
    """Turn DynamoDB's decimals into the numbers that were written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
