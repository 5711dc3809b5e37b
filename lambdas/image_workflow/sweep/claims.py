"""Claims that outlived their execution. No event reports them: only a scan of all records finds them."""

from collections.abc import Callable, Iterator
from functools import partial

from awskit import clients
from awskit.executions import Execution, describe, is_execution_of
from awskit.sweeping import WorkflowResources, finish
from awskit.table import item, plain, recorded_upload, timestamp
from awskit.uploads import Upload
from image_workflow.sweep.tasks import run_all
from safelight_contracts.executions import LONGEST_EXECUTION, LONGEST_EXPRESS
from safelight_contracts.expressions import attribute_names
from safelight_contracts.records import Attribute, uploads_prefix

LATE = 3 * LONGEST_EXPRESS
"""After this time, neither an Express execution nor a function that it invoked writes anything."""

# Finds a claim, or a rejection that could not remove what was published.
_FILTER = "begins_with(pk, :begin) AND (attribute_exists(#CLAIMED_BY) OR #UNPUBLISHING = :true) AND #UPDATED_AT <= :ago"

EXPRESS = ":express:"
"""Part of an Express execution's ARN, which is arn:aws:states:REGION:ACCOUNT:express:NAME:ID:ID."""


def sweep_claims(*, resources: WorkflowResources, state_machine: str | None) -> None:
    """Close every record whose claim outlived its execution.

    `state_machine`: the ARN of the workflow's state machine. None for an Express workflow.

    Raises ExceptionGroup if some records could not be closed. All others are closed.
    """
    run_all(claims_to_close(resources=resources, state_machine=state_machine))


def claims_to_close(*, resources: WorkflowResources, state_machine: str | None) -> Iterator[Callable[[], None]]:
    """List the tasks for each claim that may have outlived its execution."""
    for upload, claimed in _claims(resources):
        yield partial(_close, upload, claimed=claimed, resources=resources, state_machine=state_machine)


def _close(upload: Upload, *, claimed: str, resources: WorkflowResources, state_machine: str | None) -> None:
    arn = upload.execution
    if state_machine is not None and is_execution_of(state_machine, execution=arn):
        execution = describe(arn)
        if not execution.is_under_way:
            finish(execution, upload, resources=resources)
    elif EXPRESS in arn or claimed <= timestamp(after=-LONGEST_EXECUTION - LATE):
        # Express, or of a state machine that this one replaced: its status cannot be read, but it must have ended.
        forgotten = Execution(arn=arn, status="FORGOTTEN", started_by=None, error=None, cause=None)
        finish(forgotten, upload, resources=resources)


def _claims(resources: WorkflowResources) -> Iterator[tuple[Upload, str]]:
    """List the uploads that an execution has not finished, each with the time of its last change."""
    begin = uploads_prefix(resources.records.workflow)
    pages = (
        clients.dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=resources.records.table,
            FilterExpression=_FILTER,
            ExpressionAttributeNames=attribute_names(_FILTER),
            ExpressionAttributeValues=item({":begin": begin, ":ago": timestamp(after=-LATE), ":true": True}),
        )
    )
    for page in pages:
        for record in map(plain, page["Items"]):
            upload = recorded_upload(
                record,
                bucket=record[Attribute.BUCKET],
                key=record["pk"].removeprefix(begin),
                execution=record.get(Attribute.CLAIMED_BY) or record[Attribute.EXECUTION_ARN],
            )
            yield upload, record[Attribute.UPDATED_AT]
