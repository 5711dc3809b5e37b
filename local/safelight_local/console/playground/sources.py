"""The objects that a delivery makes images from."""

import mimetypes
from typing import Any

from safelight_contracts.delivery.settings import DeliverySettings, Source
from safelight_local.aws.clients import Clients
from safelight_local.aws.deliveries import Delivery
from safelight_local.aws.published import are_uploads, published_key
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import Picture

PAGE = 100
"""Objects that one call lists."""


def list_images(clients: Clients, *, source: Source, after: str) -> dict[str, Any]:
    """List the objects of a source that can be images by their names.

    Parameters
    ----------
    after
        The last key of the page before. Empty for the first page.

    Returns
    -------
    dict
        ``images`` with ``key`` and ``bytes``, and ``next``: what ``after`` is for the next page, or None.
    """
    found = clients.s3.list_objects_v2(Bucket=source.bucket, Prefix=source.prefix, StartAfter=after, MaxKeys=PAGE)
    objects = found.get("Contents", [])
    images = [{"key": it["Key"], "bytes": it["Size"]} for it in objects if it["Size"] and _may_be_image(it["Key"])]
    return {"images": images, "next": objects[-1]["Key"] if objects and found["IsTruncated"] else None}


def _may_be_image(key: str) -> bool:
    kind, _ = mimetypes.guess_type(f"/{key}")
    return kind is None or kind.startswith("image/")


def source_of(settings: DeliverySettings, *, index: int) -> Source:
    """Return a source by its number. Raises NotFoundError if there is none."""
    if not 0 <= index < len(settings.sources):
        raise NotFoundError("the delivery has no such source")
    return settings.sources[index]


def original_of(clients: Clients, *, delivery: Delivery, index: int, key: str) -> Picture:
    """Return the object that a key in a URL stands for.

    Raises
    ------
    NotFoundError
        If it is in no source, or the workflow has published nothing of the upload.
    """
    source = source_of(delivery.settings, index=index)
    records = delivery.settings.records
    if records is not None and are_uploads(delivery.settings, bucket=source.bucket):
        published = published_key(clients, records=records, key=key)
        if published is None:
            raise NotFoundError("the workflow has published nothing of this upload")
        return Picture(name="original", bucket=source.bucket, key=published)
    if not key.startswith(source.prefix):
        raise NotFoundError("the delivery has no such source")
    return Picture(name="original", bucket=source.bucket, key=key)
