"""Items of DynamoDB as Python's values."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item as DynamoDB gives it. Numbers are `Decimal`."""
    deserialize = TypeDeserializer().deserialize
    return {name: deserialize(value) for name, value in item.items()}
