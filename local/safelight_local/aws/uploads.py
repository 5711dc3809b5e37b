"""Uploads image files and follows each to its outcome."""

import mimetypes
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import IO

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import RUNNING, Execution, describe, execution_statuses
from safelight_local.aws.history import StateVisit, read_history
from safelight_local.aws.records import Record, read_record
from safelight_local.errors import UserError

OUTCOME_SECONDS = 300.0
"""How long commands wait for an upload's outcome."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An object that was put into the upload bucket.

    `etag`: its entity tag, without quotes, as events carry it.
    `place_type`: the type of the place that it is of; ``-`` when not known.
    """

    key: str
    etag: str
    place_type: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an upload has come.

    `execution`: the execution that it started; None while there is none.
    `states`: the states that the execution has passed through so far.
    `record`: its record, once the execution has ended and has written one.
    `recorded_by`: the ARN of the other execution that wrote the upload's record, such as a retry; None if none did.
    """

    upload: Upload
    execution: Execution | None = None
    states: tuple[StateVisit, ...] = field(default=())
    record: Record | None = None
    recorded_by: str | None = None

    @property
    def finished(self) -> bool:
        """Whether its execution has ended."""
        return self.execution is not None and self.execution.status != RUNNING


def upload_file(
    clients: Clients, *, workflow: DeployedWorkflow, name: str, body: IO[bytes], place_id: str, place_type: str
) -> Upload:
    """Put a file into the upload bucket, under ``[prefix/]{place_id}/{name}``.

    `name`: the file's name, without a folder.

    Raises UserError if the workflow does not start for files of that name.
    """
    if workflow.key_suffixes and not name.endswith(workflow.key_suffixes):
        raise UserError(
            f"{name} does not start {workflow.name}, whose uploads must end with {' or '.join(workflow.key_suffixes)}. "
            "Upper and lower case are different."
        )
    key = f"{workflow.key_prefix}{place_id}/{name}"
    answer = clients.s3.put_object(
        Bucket=workflow.upload_bucket,
        Key=key,
        Body=body,
        ContentType=mimetypes.guess_type(name)[0] or "application/octet-stream",
    )
    return Upload(key=key, etag=answer["ETag"].strip('"'), place_type=place_type)


def follow(
    clients: Clients,
    *,
    workflow: DeployedWorkflow,
    uploads: Sequence[Upload],
    earlier: frozenset[str],
    seconds: float,
    changed: Callable[[Sequence[Progress]], None],
    validate: Callable[[], None],
) -> list[Progress]:
    """Wait until the execution of every upload has ended.

    An execution belongs to an upload if its event has the upload's key and entity tag. Uploads that share both get
    one execution each. A second execution of a repeated event is ignored.

    `uploads`: in the order in which they were uploaded.
    `earlier`: ARNs of executions from before the uploads, as `execution_statuses` had them.
    `changed`: called with the progress of all uploads after each poll.
    `validate`: called between polls; raises an error to stop waiting.

    Returns one for each upload, in their order. Not finished if the time ran out.
    """
    progress = [Progress(upload=upload) for upload in uploads]
    known = set(earlier)
    deadline = time.monotonic() + seconds
    while True:
        statuses = execution_statuses(clients, state_machine_arn=workflow.state_machine_arn)
        # The oldest first, so that equal uploads get their executions in order.
        for arn in reversed([arn for arn in statuses if arn not in known]):
            known.add(arn)
            _claim(clients, progress=progress, arn=arn)
        progress = [_look(clients, workflow=workflow, item=item, statuses=statuses) for item in progress]
        changed(progress)
        if all(item.finished for item in progress) or time.monotonic() > deadline:
            return progress
        validate()
        time.sleep(_POLL_SECONDS)


def _claim(clients: Clients, *, progress: list[Progress], arn: str) -> None:
    execution = describe(clients, arn=arn)
    if execution is None:
        return
    started_by = (execution.upload.get("key"), execution.upload.get("etag"))
    for at, item in enumerate(progress):
        if item.execution is None and (item.upload.key, item.upload.etag) == started_by:
            progress[at] = replace(item, execution=execution)
            return


def _look(clients: Clients, *, workflow: DeployedWorkflow, item: Progress, statuses: dict[str, str]) -> Progress:
    """Update the progress of one upload. A finished one is not read again."""
    execution = item.execution
    if execution is None or (item.finished and item.states):
        return item
    # A quick execution may end after it was listed, and before it was described.
    if not item.finished and statuses.get(execution.arn, RUNNING) == RUNNING:
        return replace(item, states=read_history(clients, arn=execution.arn))
    ended = describe(clients, arn=execution.arn)
    record = read_record(
        clients,
        workflow=workflow,
        key=item.upload.key,
        sequencer=execution.upload.get("sequencer", ""),
    )
    return replace(item, execution=ended, states=read_history(clients, arn=execution.arn), record=record)
