"""What the schedule sweeps: executions whose event was lost, and sets of renditions whose time has come."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from awskit import clients
from awskit.executions import Execution, describe, ended_without_outcome
from awskit.rendition_sets import OpenSet, SetKind, forget, open_sets, remove_renditions
from awskit.sweeping import Place, finish, finish_execution
from awskit.table import item, plain, timestamp
from awskit.uploads import Upload

# The schedule runs each hour. What it misses twice is found the third time.
_LOOK_BACK = timedelta(hours=3)
# An Express execution lasts five minutes at most, a function less. Nothing tells whether one has ended.
_LATE = timedelta(minutes=15)
# An Express execution's ARN is arn:aws:states:REGION:ACCOUNT:express:NAME:ID:ID.
_EXPRESS = ":express:"


def sweep_everything(*, place: Place, state_machine: str | None) -> None:
    """Finish every execution that left something, and remove every set that nobody needs any more.

    Parameters
    ----------
    place
        Where the workflow keeps what its executions leave.
    state_machine
        The ARN of the workflow's state machine. None for an Express workflow, whose executions cannot be listed: there
        every record is looked at.

    Raises
    ------
    ExceptionGroup
        What some of it met. The rest is swept all the same.
    """
    errors = []
    for sweep in _everything(place=place, state_machine=state_machine):
        try:
            sweep()
        except Exception as error:  # One that cannot be finished must not keep the others.
            errors.append(error)
    if errors:
        raise ExceptionGroup("Left for the next time", errors)


def _everything(*, place: Place, state_machine: str | None) -> Iterator[Callable[[], None]]:
    # Sets come first: one that is removed is done with, while every run looks at all executions again, which may take it
    # all of its time.
    for kind in SetKind:
        for open_set in open_sets(kind, records=place.records):
            yield partial(_sweep_set, open_set, place=place)
    if state_machine is None:
        for execution, upload in _claims_of_express(place):
            yield partial(finish, execution, upload, place=place)
    else:
        for arn in ended_without_outcome(state_machine, within=_LOOK_BACK):
            yield partial(finish_execution, arn, place=place)


def _sweep_set(open_set: OpenSet, *, place: Place) -> None:
    if _may_go(open_set):
        remove_renditions(open_set, records=place.records, bucket=place.bucket)
        if open_set.swept is not None and open_set.swept <= timestamp(after=-_LATE):
            forget(open_set, records=place.records)


def _may_go(open_set: OpenSet) -> bool:
    match open_set.kind:
        case SetKind.OBSOLETE:
            return open_set.due <= timestamp()
        case SetKind.ATTEMPT:
            return open_set.due <= timestamp(after=-_LATE) and not _is_under_way(open_set.rendition_set.execution)


def _is_under_way(execution: str) -> bool:
    return _EXPRESS not in execution and describe(execution).is_under_way


def _claims_of_express(place: Place) -> Iterator[tuple[Execution, Upload]]:
    """List the claims of Express executions that have ended. Only a look at every record finds them."""
    begin = f"IMAGE#{place.records.workflow}#"
    pages = (
        clients.dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=place.records.table,
            FilterExpression="begins_with(pk, :begin) AND attribute_exists(claimedBy) AND updatedAt <= :ago",
            ExpressionAttributeValues=item({":begin": begin, ":ago": timestamp(after=-_LATE)}),
        )
    )
    for page in pages:
        for record in map(plain, page["Items"]):
            arn = record["claimedBy"]
            upload = Upload(
                bucket=record["bucket"],
                key=record["pk"].removeprefix(begin),
                # A record does not say; nothing here asks.
                size=0,
                etag="",
                sequencer=record["sk"].removeprefix("UPLOAD#"),
                version_id=record.get("versionId"),
                execution=arn,
            )
            yield Execution(arn=arn, status="TIMED_OUT", started_by=None, error=None, cause=None), upload
