"""Writes places to the records table, and reads records from it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from safelight_contracts import keys
from safelight_contracts.records import Attribute, ItemKey, place_key, upload_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef

# "BatchGetItem" in the DynamoDB API reference: at most so many items a call.
_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Record:
    """The record of an upload.

    `status`: ``PROCESSING``, ``PUBLISHED``, ``REJECTED``, ``FAILED`` or ``WITHDRAWN``.
    `reason`: Why it was rejected, or the name of the error that it failed with.
    `execution_arn`: the execution that wrote it. None if it does not say.
    `detail`: the details of the rejection or failure as JSON text. Empty if the upload was published.
    `renditions`: ``name``, ``key``, ``type``, ``width``, ``height`` and ``bytes`` of each.
    `checks`: ``check``, ``accepted``, ``reason`` and ``detail`` of each check of its route. Empty if no check ran.
    """

    status: str
    reason: str | None
    execution_arn: str | None
    detail: str
    renditions: tuple[dict[str, Any], ...]
    checks: tuple[dict[str, Any], ...]


def seed_place(clients: Clients, *, workflow: DeployedWorkflow, place_id: str, place_type: str, name: str) -> None:
    """Write the listing of a place, with its type.

    `place_id`: the first segment after the workflow's `key_prefix`, in the keys of the place's uploads.
    `place_type`: such as ``park`` or ``restaurant``.
    """
    clients.dynamodb.put_item(
        TableName=workflow.records_table,
        Item=place_item(place_id, place_type=place_type, name=name),
    )


def place_item(place_id: str, *, place_type: str, name: str) -> dict[str, Any]:
    """Build the listing of a place, as DynamoDB stores it. See `seed_place` for the parameters."""
    return {
        **to_dynamodb(place_key(place_id)),
        Attribute.PLACE_TYPE: {"S": place_type},
        Attribute.NAME: {"S": name},
    }


def read_place_type(clients: Clients, *, workflow: DeployedWorkflow, key: str) -> str | None:
    """Read the type of the place that an upload belongs to, as its listing says now.

    `key`: the upload's key.

    Returns None if the place has no listing.
    """
    place = place_key(keys.place_id(key, prefix=workflow.key_prefix))
    place_type = read_items(clients, workflow=workflow, names=[place]).get(place, {}).get(Attribute.PLACE_TYPE)
    return place_type if isinstance(place_type, str) else None


def read_record(clients: Clients, *, workflow: DeployedWorkflow, key: str, sequencer: str) -> Record | None:
    """Read the record of an upload.

    `sequencer`: from the upload's event. It identifies the upload among those of the key.

    Returns None when nothing is recorded.
    """
    answer = clients.dynamodb.get_item(
        TableName=workflow.records_table,
        Key=to_dynamodb(upload_key(key, sequencer=sequencer, workflow=workflow.workflow_id)),
        ConsistentRead=True,
    )
    if "Item" not in answer:
        return None
    record = _from_dynamodb(answer["Item"])
    return Record(
        status=record[Attribute.STATUS],
        reason=reason_of(record),
        execution_arn=record.get(Attribute.EXECUTION_ARN),
        detail=record.get(Attribute.DETAIL) or "",
        renditions=tuple(record.get(Attribute.RENDITIONS) or ()),
        checks=tuple(json.loads(record.get(Attribute.CHECKS) or "[]")),
    )


def reason_of(record: dict[str, Any]) -> str | None:
    """Find why an upload was rejected, or the name of the error that it failed with.

    `record`: the item of the upload.
    """
    name = json_object(record.get(Attribute.DETAIL)).get("name")
    return record.get(Attribute.REASON) or (name if isinstance(name, str) else None)


def json_object(text: object) -> dict[str, Any]:
    """Read JSON text that should be an object.

    Result: empty if it is not JSON, or not an object.
    """
    if not isinstance(text, str):
        return {}
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def read_items(
    clients: Clients, *, workflow: DeployedWorkflow, names: Iterable[ItemKey]
) -> dict[ItemKey, dict[str, Any]]:
    """Read items of the table, a hundred a call.

    `names`: the keys of the items. A key that is given twice is read once.
    """
    found = {}
    table = workflow.records_table
    for batch in _batches(dict.fromkeys(names)):
        asked: dict[str, KeysAndAttributesTypeDef] = {
            table: {"Keys": [to_dynamodb(name) for name in batch], "ConsistentRead": True}
        }
        while asked:
            answer = clients.dynamodb.batch_get_item(RequestItems=asked)
            for stored in answer["Responses"].get(table, ()):
                item = _from_dynamodb(stored)
                found[ItemKey(pk=item["pk"], sk=item["sk"])] = item
            # The keys that DynamoDB did not process, in the form of a request.
            asked = answer.get("UnprocessedKeys", {})  # type: ignore[assignment]
    return found


def _batches(names: Iterable[ItemKey]) -> Iterator[Sequence[ItemKey]]:
    rest = iter(names)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def to_dynamodb(name: ItemKey) -> dict[str, Any]:
    """Write an item's key as DynamoDB's client takes it."""
    return {"pk": {"S": name[0]}, "sk": {"S": name[1]}}


def _from_dynamodb(stored: Any) -> dict[str, Any]:
    return {name: _plain(TypeDeserializer().deserialize(value)) for name, value in stored.items()}


def _plain(value: Any) -> Any:
    """Turn DynamoDB's decimals into the numbers that were written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
