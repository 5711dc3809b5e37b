"""Uploads image files and follows each to its outcome."""

import mimetypes
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import (
    RUNNING,
    Execution,
    Passage,
    describe,
    execution_statuses,
    passages,
)
from safelight_local.aws.records import Record, read_record
from safelight_local.emulator.services import Services, require_running

OUTCOME_SECONDS = 300.0
"""How long commands wait for an upload's outcome."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An object that was put into the upload bucket.

    Attributes
    ----------
    key : str
        Its key.
    etag : str
        Its entity tag, without quotes, as events carry it.
    place_type : str
        The type of the place that it is of; ``-`` when not known.
    """

    key: str
    etag: str
    place_type: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an upload has come.

    Attributes
    ----------
    upload : Upload
        The upload.
    execution : Execution or None
        The execution that it started; None while there is none.
    states : tuple[Passage, ...]
        The states that the execution has passed through so far.
    record : Record or None
        Its record, once the execution has ended and has written one.
    """

    upload: Upload
    execution: Execution | None = None
    states: tuple[Passage, ...] = field(default=())
    record: Record | None = None

    @property
    def finished(self) -> bool:
        """Whether its execution has ended."""
        return self.execution is not None and self.execution.status != RUNNING


def upload_file(
    services: Services, *, workflow: DeployedWorkflow, path: Path, place_id: str, place_type: str
) -> Upload:
    """Put a file into the upload bucket, under ``[prefix/]{place_id}/{file name}``.

    Parameters
    ----------
    services : Services
        Where the workflow runs.
    workflow : DeployedWorkflow
        The workflow to start.
    path : Path
        A file.
    place_id : str
        The place that the image is of.
    place_type : str
        Its type, for reports.

    Returns
    -------
    Upload
        What to follow.
    """
    key = f"{workflow.key_prefix}{place_id}/{path.name}"
    with path.open("rb") as body:
        answer = services.endpoints.s3.put_object(
            Bucket=workflow.upload_bucket,
            Key=key,
            Body=body,
            ContentType=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        )
    return Upload(key=key, etag=answer["ETag"].strip('"'), place_type=place_type)


def follow(
    services: Services,
    *,
    workflow: DeployedWorkflow,
    uploads: Sequence[Upload],
    earlier: frozenset[str],
    seconds: float,
    changed: Callable[[Sequence[Progress]], None],
) -> list[Progress]:
    """Wait until the execution of every upload has ended.

    An execution belongs to an upload when its event has the upload's key and entity tag. Of uploads that have both in
    common each gets an execution of its own; a second execution that a repeated event started is left out.

    Parameters
    ----------
    services : Services
        Where the workflow runs.
    workflow : DeployedWorkflow
        The workflow that the uploads start.
    uploads : Sequence[Upload]
        In the order in which they were uploaded.
    earlier : frozenset[str]
        ARNs of executions from before the uploads, as `execution_statuses` had them.
    seconds : float
        How long to wait for all of them.
    changed : Callable[[Sequence[Progress]], None]
        Gets the progress of all uploads whenever it was looked at.

    Returns
    -------
    list[Progress]
        One for each upload, in their order; not finished where the time did not suffice.

    Raises
    ------
    UserError
        When the emulator or the stand-in ends by itself meanwhile.
    """
    progress = [Progress(upload=upload) for upload in uploads]
    known = set(earlier)
    deadline = time.monotonic() + seconds
    while True:
        statuses = execution_statuses(services.endpoints, state_machine_arn=workflow.state_machine_arn)
        # The oldest first, so that equal uploads get their executions in order.
        for arn in reversed([arn for arn in statuses if arn not in known]):
            known.add(arn)
            _claim(services, progress=progress, arn=arn)
        progress = [_look(services, workflow=workflow, item=item, statuses=statuses) for item in progress]
        changed(progress)
        if all(item.finished for item in progress) or time.monotonic() > deadline:
            return progress
        require_running(services)
        time.sleep(_POLL_SECONDS)


def _claim(services: Services, *, progress: list[Progress], arn: str) -> None:
    execution = describe(services.endpoints, arn=arn)
    if execution is None:
        return
    started_by = (execution.upload.get("key"), execution.upload.get("etag"))
    for at, item in enumerate(progress):
        if item.execution is None and (item.upload.key, item.upload.etag) == started_by:
            progress[at] = replace(item, execution=execution)
            return


def _look(services: Services, *, workflow: DeployedWorkflow, item: Progress, statuses: dict[str, str]) -> Progress:
    """Bring one upload's progress up to date; what has ended and is complete is not read again."""
    execution = item.execution
    if execution is None or (item.finished and item.states):
        return item
    # A quick execution may end after it was listed, and before it was described.
    if not item.finished and statuses.get(execution.arn, RUNNING) == RUNNING:
        return replace(item, states=passages(services.endpoints, arn=execution.arn))
    ended = describe(services.endpoints, arn=execution.arn)
    record = read_record(
        services.endpoints,
        workflow=workflow,
        key=item.upload.key,
        sequencer=execution.upload.get("sequencer", ""),
    )
    return replace(item, execution=ended, states=passages(services.endpoints, arn=execution.arn), record=record)
