"""Sends the event of an upload again, after a problem was fixed."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from safelight_contracts.executions import LONGEST_EXPRESS
from safelight_contracts.expressions import attribute_names
from safelight_contracts.failures import FAILED, NO_OUTCOME, STILL_CLAIMED, failed_values
from safelight_contracts.keys import parse_version_id, place_id
from safelight_contracts.records import UPLOADS, Attribute, Status, sequencer_of, upload_key, upload_partition
from safelight_contracts.release import ALIAS
from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import RUNNING, Execution, describe
from safelight_local.aws.history import read_history
from safelight_local.aws.records import Record, read_place_type, read_record, to_dynamodb
from safelight_local.aws.uploads import Progress, Upload
from safelight_local.errors import UserError

_POLL_SECONDS = 0.2
_OUTCOME_STANDS = ", and that outcome is final: upload the image again to process it again"
_WHY_IT_IS_FINAL: dict[str, str] = {
    Status.PUBLISHED: _OUTCOME_STANDS,
    Status.REJECTED: _OUTCOME_STANDS,
    Status.WITHDRAWN: ": it was deleted from the upload bucket, and its renditions are gone: upload the image again",
}


class OutcomeIsFinal(UserError):  # noqa: N818 - a refusal, and no error of anybody
    """The upload has its outcome, or is being processed: it is not retried."""


@dataclass(frozen=True, kw_only=True)
class RecordedUpload:
    """An upload's record, and the upload that it belongs to.

    `sequencer`: as recorded, padded. Workflows pad it to the same text again.
    `status`: ``PROCESSING``, ``PUBLISHED``, ``REJECTED``, ``FAILED`` or ``WITHDRAWN``.
    `version_id`: the object's version. None for an object that can be overwritten.
    `execution_arn`: the execution that claimed it, or the one that wrote its outcome.
    `created`, `updated`: when it was first and last written.
    """

    key: str
    sequencer: str
    status: str
    reason: str | None
    version_id: str | None
    execution_arn: str
    created: datetime
    updated: datetime


def start_again(clients: Clients, *, workflow: DeployedWorkflow, key: str, version_id: str | None = None) -> Execution:
    """Start the released workflow with the input that an upload's own execution had.

    If an execution that was stopped or timed out left the record ``PROCESSING``, the record is set to ``FAILED`` first.

    `version_id`: the object's version; ``null`` for an object that was written while versioning was off or suspended.
    Default: the newest upload of the key.

    Raises OutcomeIsFinal if the upload is published, rejected or withdrawn, or is being processed. Raises UserError if
    there is no such upload, or its event is no longer known.
    """
    record, execution = _find(clients, workflow=workflow, key=key, version_id=version_id)
    if record.status in _WHY_IT_IS_FINAL:
        reason = f" ({record.reason})" if record.reason else ""
        raise OutcomeIsFinal(f"{key} is {record.status}{reason}{_WHY_IT_IS_FINAL[record.status]}")
    event = execution.event if execution else _rebuilt_event(clients, workflow, record)
    if record.status == Status.PROCESSING:
        _close(clients, workflow=workflow, record=record, execution=execution)
    answer = clients.stepfunctions.start_execution(
        stateMachineArn=f"{workflow.state_machine_arn}:{ALIAS}",
        name=f"retry-{uuid.uuid4()}",
        input=json.dumps(event),
    )
    started = describe(clients, arn=answer["executionArn"])
    if started is None:
        raise UserError(f"{answer['executionArn']} was started, but Step Functions does not return it")
    return started


def follow_execution(
    clients: Clients,
    *,
    workflow: DeployedWorkflow,
    execution: Execution,
    seconds: float,
    changed: Callable[[Sequence[Progress]], None],
) -> Progress:
    """Wait until one execution has ended.

    Result: not finished if the time ran out.
    """
    found = execution.upload
    place_type = read_place_type(clients, workflow=workflow, key=found["key"])
    upload = Upload(key=found["key"], etag=found.get("etag", ""), place_type=place_type or "-")
    deadline = time.monotonic() + seconds
    while True:
        latest = describe(clients, arn=execution.arn) or execution
        progress = Progress(
            upload=upload,
            execution=latest,
            states=read_history(clients, arn=execution.arn),
            record=None if latest.status == RUNNING else _record_of(clients, workflow=workflow, execution=latest),
        )
        changed([progress])
        if progress.finished or time.monotonic() > deadline:
            return progress
        time.sleep(_POLL_SECONDS)


def _record_of(clients: Clients, *, workflow: DeployedWorkflow, execution: Execution) -> Record | None:
    return read_record(clients, workflow=workflow, key=execution.upload["key"], sequencer=execution.upload["sequencer"])


def _find(
    clients: Clients, *, workflow: DeployedWorkflow, key: str, version_id: str | None
) -> tuple[RecordedUpload, Execution | None]:
    """Find the record of an upload, and its execution if Step Functions still has it."""
    for record in _records(clients, workflow=workflow, key=key):
        if version_id is None or record.version_id == parse_version_id(version_id):
            return record, describe(clients, arn=record.execution_arn)
    which = "" if version_id is None else f" with the version {version_id}"
    raise UserError(f"no upload of {key}{which} is recorded: upload the image to have it processed")


def _records(clients: Clients, *, workflow: DeployedWorkflow, key: str) -> Iterator[RecordedUpload]:
    pages = clients.dynamodb.get_paginator("query").paginate(
        TableName=workflow.records_table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :upload)",
        ExpressionAttributeValues={
            ":pk": {"S": upload_partition(key, workflow=workflow.workflow_id)},
            ":upload": {"S": UPLOADS},
        },
        ScanIndexForward=False,
        ConsistentRead=True,
    )
    for page in pages:
        for stored in page["Items"]:
            yield RecordedUpload(
                key=key,
                sequencer=sequencer_of(stored["sk"]["S"]),
                status=stored[Attribute.STATUS]["S"],
                reason=stored.get(Attribute.REASON, {}).get("S"),
                version_id=stored.get(Attribute.VERSION_ID, {}).get("S"),
                execution_arn=(stored.get(Attribute.CLAIMED_BY) or stored[Attribute.EXECUTION_ARN])["S"],
                created=datetime.fromisoformat(stored[Attribute.CREATED_AT]["S"]),
                updated=datetime.fromisoformat(stored[Attribute.UPDATED_AT]["S"]),
            )


def _close(
    clients: Clients, *, workflow: DeployedWorkflow, record: RecordedUpload, execution: Execution | None
) -> None:
    """Set a record that no execution will finish to FAILED, so that the workflow can claim it."""
    # Step Functions does not describe an Express execution.
    under_way = (
        datetime.now(UTC) - record.updated < LONGEST_EXPRESS if execution is None else execution.status == RUNNING
    )
    if under_way:
        raise OutcomeIsFinal(f"{record.key} is being processed: {record.execution_arn} has not ended")
    values = failed_values(
        name=execution.status if execution else "FORGOTTEN",
        cause=NO_OUTCOME,
        place_id=place_id(record.key, prefix=workflow.key_prefix),
        workflow=workflow.workflow_id,
        version=workflow.version,
        bucket=workflow.upload_bucket,
        version_id=record.version_id,
        execution=record.execution_arn,
        now=datetime.now(UTC),
    )
    record_key = upload_key(record.key, sequencer=record.sequencer, workflow=workflow.workflow_id)
    try:
        clients.dynamodb.update_item(
            TableName=workflow.records_table,
            Key=to_dynamodb(record_key),
            UpdateExpression=FAILED,
            ConditionExpression=STILL_CLAIMED,
            ExpressionAttributeNames=attribute_names(FAILED, STILL_CLAIMED),
            ExpressionAttributeValues={name: TypeSerializer().serialize(value) for name, value in values.items()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise OutcomeIsFinal(f"{record.key} has changed just now: look at it with `safelight executions`") from error


def _rebuilt_event(clients: Clients, workflow: DeployedWorkflow, record: RecordedUpload) -> dict[str, Any]:
    """Rebuild the event of an upload whose execution is no longer known, as S3 sends it to EventBridge."""
    head = _head(clients, workflow, key=record.key, version_id=record.version_id)
    if head["LastModified"] > record.created:
        raise UserError(
            f"{record.key} was overwritten after the upload that is recorded, whose event is no longer known: "
            "upload the image again to have it processed"
        )
    version = {"version-id": head["VersionId"]} if "VersionId" in head else {}
    return {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "time": f"{head['LastModified']:%Y-%m-%dT%H:%M:%SZ}",
        "resources": [f"arn:aws:s3:::{workflow.upload_bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": workflow.upload_bucket},
            "object": {
                "key": record.key,
                "size": head["ContentLength"],
                "etag": head["ETag"].strip('"'),
                "sequencer": record.sequencer,
                **version,
            },
        },
    }


def _head(clients: Clients, workflow: DeployedWorkflow, *, key: str, version_id: str | None) -> Any:
    which = {"VersionId": version_id} if version_id else {}
    try:
        head: Any = clients.s3.head_object(Bucket=workflow.upload_bucket, Key=key, **which)  # type: ignore[arg-type]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "400", "NoSuchKey", "NoSuchVersion"):
            raise
        raise UserError(f"{key} is no longer in {workflow.upload_bucket}, or the version is not") from error
    return head
