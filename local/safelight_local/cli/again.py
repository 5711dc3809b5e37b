"""What ``safelight retry`` and ``safelight reprocess`` do: what was uploaded already goes through a workflow again."""

from datetime import datetime
from pathlib import Path

from rich.console import Console

from safelight_local.aws.deployment import choose_workflow, deployed_workflows
from safelight_local.aws.reprocess import Run, count_uploads, follow_run, select, start_run
from safelight_local.aws.retry import OutcomeStands, follow_execution, start_again
from safelight_local.cli.commands import OUTCOME_SECONDS, running
from safelight_local.errors import UserError
from safelight_local.terminal import live_uploads, shown, step

_NOT_ALL = 1
_LEFT_OUT = {
    "ARCHIVED": "in an archive storage class. Restore the objects, then reprocess again.",
    "PENDING": "uploaded less than 25 hours ago and not recorded yet. Their own events may still start the workflow: "
    "reprocess again when they are older.",
    "PROCESSING": "an execution works on them. If it has ended, use `safelight retry KEY`.",
}


def retry(*, project: Path, key: str, version_id: str | None, workflow_name: str | None, console: Console) -> int:
    """Send the event of an upload again, wait for its outcome and print a row.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    key : str
        The upload's key, prefix and all.
    version_id : str or None
        Which version of the object; None takes the key's newest upload.
    workflow_name : str or None
        Which workflow, where more than one is deployed.
    console : Console
        Where to report.

    Returns
    -------
    int
        0 when it is published or rejected now; 1 when it failed again, or has an outcome that stands.

    Raises
    ------
    UserError
        When nothing is up, no such upload is recorded, or it gets no outcome.
    """
    with running(project) as services:
        workflow = choose_workflow(deployed_workflows(services.endpoints), name=workflow_name)
        try:
            started = start_again(services.endpoints, workflow=workflow, key=key, version_id=version_id)
        except OutcomeStands as reason:
            console.print(shown(f"Not retried: {reason}."))
            return _NOT_ALL
        with live_uploads(console) as changed:
            progress = follow_execution(
                services.endpoints, workflow=workflow, execution=started, seconds=OUTCOME_SECONDS, changed=changed
            )
    if progress.record is None:
        raise UserError(f"no outcome is recorded of {key} yet: see `safelight show {started.name}`")
    return 0 if progress.record.status in ("PUBLISHED", "REJECTED") else _NOT_ALL


def count(
    *, project: Path, prefix: str | None, since: datetime | None, workflow_name: str | None, console: Console
) -> int:
    """Print how many uploads a reprocess would run again, and start nothing.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    prefix : str or None
        What their keys begin with; None takes every upload of the workflow.
    since : datetime or None
        When the oldest of them was stored; None takes all.
    workflow_name : str or None
        Which workflow, where more than one is deployed.
    console : Console
        Where to print it.

    Returns
    -------
    int
        0.
    """
    with running(project) as services:
        workflow = choose_workflow(deployed_workflows(services.endpoints), name=workflow_name)
        selection = select(workflow=workflow, prefix=prefix, since=since)
        found = count_uploads(services.endpoints, workflow=workflow, selection=selection)
    console.print(
        shown(f"{found.uploads} uploads of {found.size / 1e6:.1f} MB would be processed again; nothing was started.")
    )
    if found.archived:
        console.print(shown(f"{found.archived} archived objects would be left out, unless they were restored."))
    return 0


def reprocess(
    *,
    project: Path,
    prefix: str | None,
    since: datetime | None,
    concurrency: int | None,
    workflow_name: str | None,
    console: Console,
) -> int:
    """Run a workflow again for what was uploaded already, wait for the end and print how many have which outcome.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    prefix, since, workflow_name
        As for `count`.
    concurrency : int or None
        How many uploads at once; never more than the app allows, which is what None takes.
    console : Console
        Where to report.

    Returns
    -------
    int
        0; 1 when an upload failed.

    Raises
    ------
    UserError
        When nothing is up, the app has no ``Reprocess`` of the workflow, or the run does not end by itself.
    """
    with running(project) as services:
        endpoints = services.endpoints
        workflow = choose_workflow(deployed_workflows(endpoints), name=workflow_name)
        selection = select(workflow=workflow, prefix=prefix, since=since)
        run = start_run(endpoints, workflow=workflow, selection=selection, concurrency=concurrency)
        with step(console, f"Processing again ({run.name})") as show:
            run = follow_run(endpoints, workflow=workflow, run=run, changed=lambda latest: show(_words(latest)))
    console.print(shown(_words(run)))
    for status, why in _LEFT_OUT.items():
        if status in run.outcomes:
            console.print(shown(f"{status}: {why}"))
    return _NOT_ALL if run.outcomes.get("FAILED") else 0


def _words(run: Run) -> str:
    return ", ".join(f"{count} {status}" for status, count in run.outcomes.items()) or "no upload"
