"""Read items of the records table, always with consistent reads."""

from collections.abc import Iterator
from typing import Any

from awskit import clients
from awskit.table import Key, Records, item, plain


def read_item(key: Key, *, records: Records) -> dict[str, Any] | None:
    """Read one item. Returns None if the item does not exist.

    `key`: a key that `Records` returned.
    """
    stored = clients.dynamodb().get_item(TableName=records.table, Key=key, ConsistentRead=True).get("Item")
    return None if stored is None else plain(stored)


def query_items(partition: str, *, begin: str, records: Records) -> Iterator[dict[str, Any]]:
    """List the items of a partition whose sort keys begin with a text, page by page."""
    pages = (
        clients.dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=records.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :begin)",
            ExpressionAttributeValues=item({":pk": partition, ":begin": begin}),
            ConsistentRead=True,
        )
    )
    for page in pages:
        yield from map(plain, page["Items"])
