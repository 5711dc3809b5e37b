"""Publish an upload in one transaction.

The transaction is the outcome of the execution. It:

- records the upload;
- points the asset of the upload's place at the new set of renditions;
- deletes the item of the attempt;
- stores the set that the asset pointed at before as obsolete.

Later steps (the announcement, the removal of old renditions) never change the outcome.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from awskit import clients
from awskit.records.focal_points import focal_point_of
from awskit.records.items import read_item
from awskit.records.rendition_sets import RenditionSet, SetKind, open_item, open_key, recorded_set
from awskit.records.table import Records, item, plain, timestamp
from awskit.records.transactions import TransactionConflict
from awskit.rejection import RejectedImage, UploadFault
from awskit.transient_errors import transient_errors_as
from awskit.uploads import Upload
from safelight_contracts.expressions import attribute_names
from safelight_contracts.keys import NULL_VERSION
from safelight_contracts.records import Attribute, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

_NOT_AN_END = {Status.PROCESSING, Status.FAILED}

_MAX_CHECKS_BYTES = 16_384

_CONDITION_FAILED = "ConditionalCheckFailed"
_TRY_AGAIN = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

# PUBLISHED may follow FAILED: an operator starts the execution again.
_UNCLAIMED = "(attribute_not_exists(#STATUS) OR #STATUS = :failed) AND attribute_not_exists(#CLAIMED_BY)"
_CLAIMED = "#CLAIMED_BY = :execution"
# `standing` is the outcome that a claim keeps in force while a published upload is checked again. A failure that an
# earlier attempt recorded no longer holds.
_PUBLISHED = (
    "SET #STATUS = :published, #STANDING = :published, #PLACE_ID = :placeId, #VERSION = :version,"
    " #WORKFLOW = :workflow, #EXECUTION_ARN = :execution, #BUCKET = :bucket, #VERSION_ID = :versionId,"
    " #DIMENSIONS = :dimensions, #RENDITIONS = :renditions, #ATTEMPT = :attempt,"
    " #CREATED_AT = if_not_exists(#CREATED_AT, :now), #UPDATED_AT = :now{optional}"
    " REMOVE #REASON, #DETAIL, #CLAIMED_BY, #FAILURE, #ANNOUNCED_AT, #SUPERSEDED_BY, #UNPUBLISHING{absent}"
)
_SUPERSEDED = "SET #SUPERSEDED_BY = :sequencer"
_NOT_DELETED = "attribute_not_exists(pk) OR #SEQUENCER < :sequencer"
_NOT_SWEPT = "attribute_exists(pk) AND attribute_not_exists(#SWEPT_AT)"
_UNCHANGED_ASSET = "#ATTEMPT = :before"


class AttemptSweptError(Exception):
    """Raised if the sweep removed the execution's renditions, because the execution had ended at that time."""


class ClaimLostError(Exception):
    """Raised if the execution no longer holds its claim, and nobody has published or rejected the upload."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """An upload to publish.

    `version`: the workflow's version, such as `v1`.
    `claimed`: whether the execution claimed the upload before it checked it, as v5 does. With a claim, no other
    execution can record an outcome. An execution that loses its claim publishes nothing.
    `dimensions`: `width` and `height` in pixels, as displayed, and `type`.
    `route`: the name of the upload's route: the type of its place, or `default`. None in a workflow without routes.
    `checks`: the result of each check of the upload's route: `check`, `accepted`, `reason` and `detail`. None in a
    workflow without routes, whose records have no checks.
    `photo_metadata`: what the camera wrote into the image: time, place, camera, exposure. None if it wrote nothing, or
    if the workflow does not record it.
    `redacted`: what was covered before the renditions were made: `counts` by kind, and `boxes`. None if the route does
    not redact.
    """

    upload: Upload
    place_id: str
    version: str
    claimed: bool
    renditions_set: RenditionSet
    dimensions: Mapping[str, Any]
    renditions: Sequence[Mapping[str, Any]]
    route: str | None
    checks: Sequence[Mapping[str, Any]] | None
    photo_metadata: Mapping[str, Any] | None
    redacted: Mapping[str, Any] | None


def record_publication(publication: Publication, *, records: Records, keep_replaced: timedelta) -> str | None:
    """Record that an upload is published, unless it has an outcome already or a newer upload is published.

    `keep_replaced`: how long to keep the renditions that this publication replaces.

    Returns None if this call, or an earlier attempt of this step, recorded the publication. S3 delivers events at least
    once: if another execution has recorded an outcome for this upload, that outcome, and nothing is changed. Raises
    RejectedImage: `SUPERSEDED` if a newer upload of the same key is published, `WITHDRAWN` if the upload was deleted.
    Raises TransactionConflict if another transaction is in progress, or DynamoDB is temporarily unavailable. Raises
    AttemptSweptError, ClaimLostError if the sweep has closed the execution already. A late step must change nothing.
    """
    with transient_errors_as(TransactionConflict):
        asset = read_item(records.asset_key(publication.upload.key, place_id=publication.place_id), records=records)
        replaced = None if asset is None else _replaced_record(asset, publication=publication, records=records)
        if asset is not None and asset[Attribute.SEQUENCER] > publication.upload.sequencer:
            return _published_before(publication, records=records)
        writes = _writes(publication, asset=asset, replaced=replaced, records=records, keep_replaced=keep_replaced)
        # No client token of our own: a retry of the step writes another time, and DynamoDB would refuse it as a
        # mismatch. The conditions make a retry harmless. The SDK's own token covers the SDK's own retries.
        try:
            clients.dynamodb().transact_write_items(TransactItems=writes)
        except clients.dynamodb().exceptions.TransactionCanceledException as cancelled:
            return _cancelled(cancelled, publication=publication)
        except clients.dynamodb().exceptions.TransactionInProgressException as error:
            raise TransactionConflict from error
    return None


def _replaced_record(asset: Mapping[str, Any], *, publication: Publication, records: Records) -> dict[str, Any] | None:
    """Return the key of the record of the replaced upload, if there is such an upload and it has a record."""
    if asset[Attribute.SEQUENCER] == publication.upload.sequencer:
        return None
    key = records.record_key(publication.upload.key, sequencer=asset[Attribute.SEQUENCER])
    return None if read_item(key, records=records) is None else key


def _published_before(publication: Publication, *, records: Records) -> str | None:
    """Distinguish a retry whose first attempt was recorded from an older upload that arrives late."""
    record = read_item(records.upload_key(publication.upload), records=records)
    if record is not None and _is_mine(record, publication=publication):
        return None
    raise RejectedImage(UploadFault.SUPERSEDED)


def _is_mine(record: Mapping[str, Any], *, publication: Publication) -> bool:
    # Any attempt counts: a redrive continues with what the first run rendered.
    return (record.get(Attribute.STATUS), record.get(Attribute.EXECUTION_ARN)) == (
        Status.PUBLISHED,
        publication.upload.execution,
    )


def _cancelled(cancelled: ClientError, *, publication: Publication) -> str | None:
    reasons: Any = cancelled.response["CancellationReasons"]
    record, attempt, *tombstones = reasons[:4]
    if record["Code"] == _CONDITION_FAILED:
        found = plain(record.get("Item", {}))
        if not found or (publication.claimed and found[Attribute.STATUS] in _NOT_AN_END):
            raise ClaimLostError(publication.upload.execution) from cancelled
        # An earlier attempt of this step recorded the outcome. Its announcement may have been lost.
        return None if _is_mine(found, publication=publication) else str(found[Attribute.STATUS])
    if any(tombstone["Code"] == _CONDITION_FAILED for tombstone in tombstones):
        raise RejectedImage(UploadFault.WITHDRAWN) from cancelled
    if attempt["Code"] == _CONDITION_FAILED:
        raise AttemptSweptError(publication.renditions_set.attempt) from cancelled
    # Another upload of the key was published after its asset was read, or another transaction is in progress.
    if {reason["Code"] for reason in reasons} & {_CONDITION_FAILED, *_TRY_AGAIN}:
        raise TransactionConflict from cancelled
    raise cancelled


def _writes(
    publication: Publication,
    *,
    asset: Mapping[str, Any] | None,
    replaced: dict[str, Any] | None,
    records: Records,
    keep_replaced: timedelta,
) -> "list[TransactWriteItemTypeDef]":
    now = timestamp()
    writes: list[TransactWriteItemTypeDef] = [
        _record_update(publication, records=records, now=now),
        {
            "Delete": {
                "TableName": records.table,
                "Key": open_key(SetKind.ATTEMPT, publication.renditions_set, records=records),
                "ConditionExpression": _NOT_SWEPT,
                "ExpressionAttributeNames": attribute_names(_NOT_SWEPT),
            }
        },
        _tombstone_check(publication, records=records, version_id=None),
        _tombstone_check(publication, records=records, version_id=publication.upload.version_id or NULL_VERSION),
        _asset_put(publication, asset=asset, records=records, now=now),
    ]
    if asset is not None:
        before = recorded_set(asset, key=publication.upload.key)
        obsolete = open_item(SetKind.OBSOLETE, before, records=records, due=keep_replaced)
        writes.append({"Put": {"TableName": records.table, "Item": obsolete}})
    if replaced is not None:
        writes.append(
            {
                "Update": {
                    "TableName": records.table,
                    "Key": replaced,
                    "UpdateExpression": _SUPERSEDED,
                    "ConditionExpression": "attribute_exists(pk)",
                    "ExpressionAttributeNames": attribute_names(_SUPERSEDED),
                    "ExpressionAttributeValues": item({":sequencer": publication.upload.sequencer}),
                }
            }
        )
    return writes


def _tombstone_check(
    publication: Publication, *, records: Records, version_id: str | None
) -> "TransactWriteItemTypeDef":
    upload = publication.upload
    return {
        "ConditionCheck": {
            "TableName": records.table,
            "Key": records.tombstone_key(upload.key, version_id=version_id),
            "ConditionExpression": _NOT_DELETED,
            "ExpressionAttributeNames": attribute_names(_NOT_DELETED),
            "ExpressionAttributeValues": item({":sequencer": upload.sequencer}),
        }
    }


def _record_update(publication: Publication, *, records: Records, now: str) -> "TransactWriteItemTypeDef":
    upload = publication.upload
    optional = _optional_attributes(publication)
    change = _PUBLISHED.format(
        optional="".join(f", #{attribute.name} = :{attribute}" for attribute in optional),
        # What an earlier publication of this upload covered.
        absent="" if Attribute.REDACTED in optional else f", #{Attribute.REDACTED.name}",
    )
    condition = _CLAIMED if publication.claimed else _UNCLAIMED
    return {
        "Update": {
            "TableName": records.table,
            "Key": records.upload_key(upload),
            "UpdateExpression": change,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": attribute_names(change, condition),
            "ExpressionAttributeValues": item(
                {
                    ":published": Status.PUBLISHED.value,
                    ":placeId": publication.place_id,
                    ":version": publication.version,
                    ":workflow": records.workflow,
                    ":bucket": upload.bucket,
                    ":versionId": upload.version_id,
                    ":dimensions": dict(publication.dimensions),
                    ":renditions": list(publication.renditions),
                    ":attempt": publication.renditions_set.attempt,
                    ":now": now,
                    ":execution": upload.execution,
                    **({} if publication.claimed else {":failed": Status.FAILED.value}),
                    **{f":{attribute}": value for attribute, value in optional.items()},
                }
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _optional_attributes(publication: Publication) -> dict[Attribute, str]:
    values = {
        Attribute.CHECKS: None if publication.checks is None else _checks_text(publication.checks),
        Attribute.PHOTO_METADATA: _json_text(publication.photo_metadata),
        Attribute.REDACTED: _json_text(publication.redacted),
        Attribute.ROUTE: publication.route,
    }
    return {attribute: value for attribute, value in values.items() if value is not None}


def _json_text(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, separators=(",", ":"))


def _asset_put(
    publication: Publication, *, asset: Mapping[str, Any] | None, records: Records, now: str
) -> "TransactWriteItemTypeDef":
    upload, rendition_set = publication.upload, publication.renditions_set
    pointer: dict[str, Any] = {
        Attribute.WORKFLOW: records.workflow,
        Attribute.RENDITIONS: list(publication.renditions),
        Attribute.WIDTH: publication.dimensions["width"],
        Attribute.HEIGHT: publication.dimensions["height"],
        Attribute.PUBLISHED_AT: now,
        Attribute.SEQUENCER: upload.sequencer,
        Attribute.ATTEMPT: rendition_set.attempt,
        Attribute.PREFIX: rendition_set.prefix,
        Attribute.EXECUTION_ARN: upload.execution,
    }
    if asset is not None and asset[Attribute.SEQUENCER] == upload.sequencer and focal_point_of(asset) is not None:
        # The same picture. A newer upload can be another one.
        pointer[Attribute.FOCAL_POINT] = asset[Attribute.FOCAL_POINT]
    put: PutTypeDef = {
        "TableName": records.table,
        "Item": records.asset_key(upload.key, place_id=publication.place_id) | item(pointer),
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    if asset is not None:
        put["ConditionExpression"] = _UNCHANGED_ASSET
        put["ExpressionAttributeNames"] = attribute_names(_UNCHANGED_ASSET)
        put["ExpressionAttributeValues"] = item({":before": asset[Attribute.ATTEMPT]})
    return {"Put": put}


def _checks_text(checks: Sequence[Mapping[str, Any]]) -> str:
    """Write checks as compact JSON. Empty the last details if the whole is larger than 16 KB."""
    kept = [dict(check) for check in checks]
    for check in reversed(kept):
        # The JSON is ASCII, so that a character is a byte.
        if len(json.dumps(kept, separators=(",", ":"))) <= _MAX_CHECKS_BYTES:
            break
        check["detail"] = {}
    return json.dumps(kept, separators=(",", ":"))
