"""Recording that an upload is published: its own item and its place's asset, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from awskit import clients
from awskit.busy import raising_when_busy
from awskit.rejection import RejectedImage, UploadFault
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef

PUBLISHED = "PUBLISHED"

_MAX_CHECKS_BYTES = 16_384

_CONDITION_FAILED = "ConditionalCheckFailed"
_TRY_AGAIN = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

# FAILED may be followed by PUBLISHED: an operator starts the execution again.
_UPLOAD_IS_OPEN = "attribute_not_exists(#status) OR #status IN (:processing, :failed)"
_ASSET_IS_OLDER = "attribute_not_exists(pk) OR sequencer <= :sequencer"


class TransactionConflict(Exception):  # noqa: N818 - the error name that workflows retry
    """Raised when the transaction met another one, or DynamoDB is busy; a retry of the step may get through."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """An upload that is to be published.

    Attributes
    ----------
    upload
        The upload.
    place_id
        The place it belongs to.
    version
        The workflow's version, such as `v1`.
    workflow
        The name of the state machine.
    dimensions
        `width` and `height` in pixels, as displayed, and `type`.
    renditions
        What the resize step answered.
    route
        The name of its route: its place's type, or `default`. None in a workflow without routes.
    checks
        What each check of the upload's route said: `check`, `accepted`, `reason` and `detail`. None in a workflow
        without routes, whose records do not have them.
    facts
        What the camera wrote into the image: time, place, camera, exposure. None where it wrote nothing, or nobody
        asked.
    """

    upload: Upload
    place_id: str
    version: str
    workflow: str
    dimensions: Mapping[str, Any]
    renditions: Sequence[Mapping[str, Any]]
    route: str | None
    checks: Sequence[Mapping[str, Any]] | None
    facts: Mapping[str, Any] | None


def record_publication(publication: Publication, *, table: str) -> str | None:
    """Record that an upload is published, unless its outcome is recorded or a newer upload is published.

    Parameters
    ----------
    publication
        What to record.
    table
        The records table.

    Returns
    -------
    str or None
        None when it is recorded now. When another execution has recorded an outcome for this very upload
        (S3 events come at least once): that outcome, and nothing is changed.

    Raises
    ------
    RejectedImage
        `SUPERSEDED` when a newer upload of the same key is published.
    TransactionConflict
        When another transaction was under way, or DynamoDB cannot answer just now.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # No token of our own: a retry of the step has another time in it and would be refused as a mismatch, and
    # the conditions make it harmless. The SDK's own token covers the SDK's own retries.
    try:
        with raising_when_busy(TransactionConflict):
            clients.dynamodb().transact_write_items(
                TransactItems=[
                    {"Update": _upload_update(publication, table=table, now=now)},
                    {"Update": _asset_update(publication, table=table, now=now)},
                ]
            )
    except clients.dynamodb().exceptions.TransactionCanceledException as cancelled:
        return _recorded_already(cancelled, publication=publication)
    except clients.dynamodb().exceptions.TransactionInProgressException as error:
        raise TransactionConflict from error
    return None


def _recorded_already(cancelled: ClientError, *, publication: Publication) -> str | None:
    reasons: Any = cancelled.response["CancellationReasons"]
    upload, asset = reasons
    if upload["Code"] == _CONDITION_FAILED:
        status: str = upload["Item"]["status"]["S"]
        recorded_by: str = upload["Item"]["executionArn"]["S"]
        # An earlier attempt of this very execution recorded it; what it announced may have been lost.
        return None if (status, recorded_by) == (PUBLISHED, publication.upload.execution) else status
    if asset["Code"] == _CONDITION_FAILED:
        raise RejectedImage(UploadFault.SUPERSEDED) from cancelled
    if {upload["Code"], asset["Code"]} & _TRY_AGAIN:
        raise TransactionConflict from cancelled
    raise cancelled


def _upload_update(publication: Publication, *, table: str, now: str) -> "UpdateTypeDef":
    upload = publication.upload
    checks = {} if publication.checks is None else {":checks": _checks_text(publication.checks)}
    facts = {} if publication.facts is None else {":facts": json.dumps(publication.facts, separators=(",", ":"))}
    return {
        "TableName": table,
        "Key": _item({"pk": f"IMAGE#{upload.key}", "sk": f"UPLOAD#{upload.sequencer}"}),
        # What an earlier attempt recorded as its failure is no longer true.
        "UpdateExpression": (
            "SET #status = :published, placeId = :placeId, #version = :version, workflow = :workflow,"
            " executionArn = :executionArn, dimensions = :dimensions, renditions = :renditions,"
            " createdAt = if_not_exists(createdAt, :now), updatedAt = :now"
            f"{', checks = :checks' if checks else ''}{', facts = :facts' if facts else ''} REMOVE #reason, #detail"
        ),
        "ConditionExpression": _UPLOAD_IS_OPEN,
        "ExpressionAttributeNames": {
            "#status": "status",
            "#version": "version",
            "#reason": "reason",
            "#detail": "detail",
        },
        "ExpressionAttributeValues": _item(
            {
                ":published": PUBLISHED,
                ":processing": "PROCESSING",
                ":failed": "FAILED",
                ":placeId": publication.place_id,
                ":version": publication.version,
                ":workflow": publication.workflow,
                ":executionArn": upload.execution,
                ":dimensions": dict(publication.dimensions),
                ":renditions": list(publication.renditions),
                ":now": now,
                **checks,
                **facts,
            }
        ),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _asset_update(publication: Publication, *, table: str, now: str) -> "UpdateTypeDef":
    upload = publication.upload
    return {
        "TableName": table,
        "Key": _item({"pk": f"PLACE#{publication.place_id}", "sk": f"ASSET#{upload.key}"}),
        "UpdateExpression": (
            "SET renditions = :renditions, width = :width, height = :height, publishedAt = :now, sequencer = :sequencer"
        ),
        "ConditionExpression": _ASSET_IS_OLDER,
        "ExpressionAttributeValues": _item(
            {
                ":renditions": list(publication.renditions),
                ":width": publication.dimensions["width"],
                ":height": publication.dimensions["height"],
                ":sequencer": upload.sequencer,
                ":now": now,
            }
        ),
    }


def _checks_text(checks: Sequence[Mapping[str, Any]]) -> str:
    """Write checks as compact JSON, without the last details where all would be more than 16 KB."""
    kept = [dict(check) for check in checks]
    for check in reversed(kept):
        # ASCII, so that characters are bytes.
        if len(json.dumps(kept, separators=(",", ":"))) <= _MAX_CHECKS_BYTES:
            break
        check["detail"] = {}
    return json.dumps(kept, separators=(",", ":"))


def _item(values: Mapping[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items()}
