"""The objects that the keys of a delivery's URLs stand for: objects of a bucket, or what a workflow has published."""

from typing import Any

from botocore.exceptions import ClientError

from safelight_contracts.delivery.settings import DeliverySettings, RecordsSource
from safelight_contracts.keys import place_id
from safelight_contracts.records import Attribute, asset_key
from safelight_local.aws.clients import Clients
from safelight_local.aws.records import to_dynamodb
from safelight_local.aws.source_objects import SourceObject, find_source
from safelight_local.errors import UserError


def are_uploads(settings: DeliverySettings, *, bucket: str) -> bool:
    """Say whether keys of a bucket in URLs are those of a workflow's uploads."""
    return settings.records is not None and bucket == settings.sources[0].bucket


def find_delivered(clients: Clients, *, settings: DeliverySettings, bucket: str, key: str) -> SourceObject:
    """Find the object that a delivery makes the images of a key from.

    Raises
    ------
    UserError
        If it is not there, cannot be read, or the workflow has published nothing of the upload.
    """
    records = settings.records
    if records is None or not are_uploads(settings, bucket=bucket):
        return find_source(clients, bucket=bucket, key=key)
    published = published_key(clients, records=records, key=key)
    if published is None:
        raise UserError(f"{key} is not published: the workflow has no rendition {records.rendition} of such an upload")
    return find_source(clients, bucket=bucket, key=published)


def published_key(clients: Clients, *, records: RecordsSource, key: str) -> str | None:
    """Return the key of the rendition that a workflow has published of an upload. None if there is none.

    Raises UserError if the records cannot be read.
    """
    name = asset_key(key, place_id=place_id(key, prefix=records.key_prefix), workflow=records.workflow)
    try:
        asset: Any = clients.dynamodb.get_item(TableName=records.table, Key=to_dynamodb(name)).get("Item", {})
    except ClientError as error:
        raise UserError(f"the records table {records.table} cannot be read: {error}") from error
    renditions = (it["M"] for it in asset.get(Attribute.RENDITIONS, {"L": []})["L"])
    return next((it["key"]["S"] for it in renditions if it["name"]["S"] == records.rendition), None)
