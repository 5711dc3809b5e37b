"""Finish what an execution left that ended early: its renditions, its record, and its announcement.

Everything here has the same conditions as the execution's own steps, and can be repeated.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from awskit import clients
from awskit.announcements import announce
from awskit.executions import Execution, describe
from awskit.items import read_item
from awskit.logs import logger
from awskit.rendition_sets import SetKind, open_sets_of, remove_renditions
from awskit.storage import transient_storage_errors
from awskit.table import Records, item, records_from_environment, timestamp
from awskit.uploads import Upload, is_folder_marker, parse_started_by
from awskit.withdrawal import mark_unpublished, must_unpublish, remove_sets, withdraw_asset
from safelight_contracts.environment import Variable
from safelight_contracts.events import Announcement
from safelight_contracts.expressions import attribute_names
from safelight_contracts.failures import FAILED, NO_OUTCOME, STILL_CLAIMED, failed_values
from safelight_contracts.keys import place_id
from safelight_contracts.records import Attribute, Status, timestamp_of

_MAX_CAUSE = 1000
# A published upload that the execution processed again stays published.
_STANDS = "SET #FAILURE = :detail, #UPDATED_AT = :now REMOVE #CLAIMED_BY"


@dataclass(frozen=True, kw_only=True)
class WorkflowResources:
    """What a workflow's background functions work on.

    `version`: the version to assume for executions whose record does not name one.
    """

    records: Records
    bucket: str
    bus: str
    key_prefix: str
    version: str


def resources_from_environment() -> WorkflowResources:
    """Read the workflow's resources: RECORDS_TABLE, WORKFLOW_ID, PUBLISHED_BUCKET, EVENT_BUS and so on."""
    return WorkflowResources(
        records=records_from_environment(),
        bucket=os.environ[Variable.PUBLISHED_BUCKET],
        bus=os.environ[Variable.EVENT_BUS],
        key_prefix=os.environ[Variable.KEY_PREFIX],
        version=os.environ[Variable.VERSION],
    )


def finish_execution(arn: str, *, resources: WorkflowResources) -> None:
    """Finish an execution of a Standard state machine that an upload started.

    An execution that is in progress or has succeeded is left alone: it may have been redriven since it ended.

    Raises ServiceBusy, TransactionConflict, AnnouncementRefused if a service is temporarily unavailable.
    """
    execution = describe(arn)
    has_succeeded = execution.status == "SUCCEEDED" and not execution.is_duplicate
    if execution.is_under_way or has_succeeded or execution.started_by is None:
        return
    try:
        upload = parse_started_by(execution.started_by, execution=arn)
    except (KeyError, TypeError, ValueError, AttributeError):
        # Somebody started it by hand, with an input that is not an S3 event.
        logger().warning("Not started by an upload", execution=arn)
        return
    if not is_folder_marker(upload):
        finish(execution, upload, resources=resources)


@transient_storage_errors()
def finish(execution: Execution, upload: Upload, *, resources: WorkflowResources) -> None:
    """Remove an ended execution's renditions, close the record that it claimed, and announce what it did not.

    `execution`: an execution that ended without success.

    Raises ServiceBusy, TransactionConflict, AnnouncementRefused if a service is temporarily unavailable.
    """
    removed = []
    for attempt in open_sets_of(SetKind.ATTEMPT, records=resources.records, key=upload.key, sequencer=upload.sequencer):
        if attempt.rendition_set.execution == execution.arn:
            removed += remove_renditions(attempt, records=resources.records, bucket=resources.bucket)
    _close(execution, upload, resources=resources)
    record = read_item(resources.records.upload_key(upload), records=resources.records) or {}
    if record.get(Attribute.EXECUTION_ARN) != execution.arn or Attribute.CLAIMED_BY in record:
        return
    if must_unpublish(record, upload=upload):
        if not withdraw_asset(upload, place_id=record[Attribute.PLACE_ID], records=resources.records):
            return
        removed = remove_sets(upload, records=resources.records, bucket=resources.bucket)
        mark_unpublished(upload, records=resources.records)
    if Attribute.ANNOUNCED_AT in record:
        return
    announce(_announcement(record, upload, removed=removed, resources=resources), bus=resources.bus)
    _update(
        upload,
        resources=resources,
        change="SET #ANNOUNCED_AT = :now",
        condition="#EXECUTION_ARN = :execution AND attribute_not_exists(#CLAIMED_BY)",
        values={":now": timestamp(), ":execution": execution.arn},
    )


def _close(execution: Execution, upload: Upload, *, resources: WorkflowResources) -> None:
    name, cause = execution.error or execution.status, (execution.cause or NO_OUTCOME)[:_MAX_CAUSE]
    now = datetime.now(UTC)
    stood = _update(
        upload,
        resources=resources,
        change=_STANDS,
        condition="#CLAIMED_BY = :execution AND attribute_exists(#STANDING)",
        values={
            ":detail": json.dumps(
                {"name": name, "cause": cause, "executionArn": execution.arn, "at": timestamp_of(now)}
            ),
            ":now": timestamp_of(now),
            ":execution": execution.arn,
        },
    )
    if stood:
        return
    _update(
        upload,
        resources=resources,
        change=FAILED,
        condition=f"attribute_not_exists(#STATUS) OR ({STILL_CLAIMED})",
        values=failed_values(
            name=name,
            cause=cause,
            place_id=place_id(upload.key, prefix=resources.key_prefix),
            workflow=resources.records.workflow,
            version=resources.version,
            bucket=upload.bucket,
            version_id=upload.version_id,
            execution=execution.arn,
            now=now,
        ),
    )


def _update(
    upload: Upload, *, resources: WorkflowResources, change: str, condition: str, values: Mapping[str, Any]
) -> bool:
    """Change an upload's record if a condition holds, and return whether it held."""
    try:
        clients.dynamodb().update_item(
            TableName=resources.records.table,
            Key=resources.records.upload_key(upload),
            UpdateExpression=change,
            ConditionExpression=condition,
            ExpressionAttributeNames=attribute_names(change, condition),
            ExpressionAttributeValues=item(values),
        )
    except clients.dynamodb().exceptions.ConditionalCheckFailedException:
        return False
    return True


def _announcement(
    record: Mapping[str, Any], upload: Upload, *, removed: list[str], resources: WorkflowResources
) -> Announcement:
    status = Status(record[Attribute.STATUS])
    detail = json.loads(record.get(Attribute.DETAIL) or "{}")
    return Announcement(
        status=status,
        bucket=upload.bucket,
        key=upload.key,
        version_id=upload.version_id,
        place_id=record[Attribute.PLACE_ID],
        workflow=resources.records.workflow,
        version=record[Attribute.VERSION],
        execution=record[Attribute.EXECUTION_ARN],
        reason=record.get(Attribute.REASON),
        # Announce only the name of the error: its cause may contain things that listeners need not know.
        detail={"name": detail.get("name")} if status is Status.FAILED else detail,
        renditions=_renditions(record) if status is Status.PUBLISHED else (),
        removed=removed,
        route=record.get(Attribute.ROUTE),
    )


def _renditions(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    sizes = ("width", "height", "bytes")
    return [
        {name: int(value) if name in sizes else value for name, value in rendition.items()}
        for rendition in record[Attribute.RENDITIONS]
    ]
