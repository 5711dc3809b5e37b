"""Where the bytes of a source are: an object, or the rendition that a workflow has published of an upload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from awskit import clients
from awskit.records.items import read_item
from awskit.records.table import Records
from awskit.transient_errors import transient_storage_errors
from safelight_contracts.delivery.settings import DeliverySettings, RecordsSource
from safelight_contracts.keys import MAX_UPLOAD_KEY_BYTES, place_id
from safelight_contracts.records import Attribute

_MISSING = {"NoSuchKey", "NoSuchVersion", "404"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """An object that holds a source.

    Parameters
    ----------
    asset
        What the workflow's records say of it. Empty without a workflow.
    """

    bucket: str
    key: str
    asset: Mapping[str, Any] = field(default_factory=dict)

    def fingerprint(self, etag: str) -> str:
        """Return a name of what the source is now: 32 hexadecimal digits that reveal neither a key nor an ETag."""
        return sha256("\n".join((self.bucket, self.key, etag)).encode()).hexdigest()[:32]


@transient_storage_errors()
def place_of(*, bucket: str, key: str, settings: DeliverySettings) -> Place | None:
    """Return where a source is.

    Parameters
    ----------
    bucket, key
        What the URL names. For the records of a workflow, the key of an upload.

    Returns
    -------
    Place | None
        ``None`` if the workflow has published nothing of the upload, or no upload can have this key.
    """
    records = settings.records
    if records is None or bucket != settings.sources[0].bucket:
        return Place(bucket=bucket, key=key)
    if len(key.encode()) > MAX_UPLOAD_KEY_BYTES:
        return None
    asset = _asset(key, source=records)
    published = _published_key(asset, rendition=records.rendition)
    return None if published is None else Place(bucket=bucket, key=published, asset=asset)


def _published_key(asset: Mapping[str, Any], *, rendition: str) -> str | None:
    """Return the key of a rendition. ``None`` if the asset names none: any program with access can have written it."""
    renditions = asset.get(Attribute.RENDITIONS)
    for one in renditions if isinstance(renditions, list) else ():
        match one:
            case {"name": name, "key": str(key)} if name == rendition and key:
                return key
    return None


@transient_storage_errors()
def fingerprint_of(*, bucket: str, key: str, settings: DeliverySettings) -> str | None:
    """Return the fingerprint of a source as it is now. ``None`` if it is gone."""
    place = place_of(bucket=bucket, key=key, settings=settings)
    if place is None:
        return None
    try:
        return place.fingerprint(clients.s3().head_object(Bucket=place.bucket, Key=place.key)["ETag"])
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def combined_fingerprint(fingerprints: Sequence[str]) -> str:
    """Return the fingerprint of a result that is made from several files: its source, and overlays in their order."""
    first, *others = fingerprints
    return sha256("\n".join(fingerprints).encode()).hexdigest()[:32] if others else first


def is_missing(error: ClientError) -> bool:
    """Return whether S3 says that there is no such object. It says so only to who may list the bucket."""
    return error.response["Error"]["Code"] in _MISSING


def _asset(key: str, *, source: RecordsSource) -> Mapping[str, Any]:
    records = Records(table=source.table, workflow=source.workflow)
    return read_item(records.asset_key(key, place_id=place_id(key, prefix=source.key_prefix)), records=records) or {}
