"""``safelight reprocess``: run a workflow again for past uploads."""

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from safelight_contracts.records import Status
from safelight_local.aws.deployment import choose_workflow, deployed_workflows
from safelight_local.aws.reprocess import Run, count_uploads, follow_run, parse_since, reprocessor, select, start_run
from safelight_local.cli._help import examples, workflow_option
from safelight_local.emulator.session import running
from safelight_local.failed_uploads import failed_uploads
from safelight_local.terminal import make_console, shown, step

_NOT_ALL = 1
_NOT_PROCESSED = {
    "ARCHIVED": "in an archive storage class. Restore the objects, then reprocess again.",
    "PENDING": "uploaded less than 25 hours ago and not recorded yet. Their own events may still start the workflow: "
    "reprocess again when they are older.",
    Status.PROCESSING: "an execution is processing them. If it has ended, use `safelight retry KEY`.",
}


def _date(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_since(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a date such as 2026-01-31") from None


def _at_least_one(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise click.BadParameter(f"{text!r} is not 1 or more")
    return int(text)


@click.command(
    short_help="Run a workflow again for past uploads.",
    epilog=examples("""\
  safelight reprocess --since 2026-01-31 --dry-run
  safelight reprocess --prefix park/ --concurrency 5
"""),
)
@click.option("--prefix", metavar="P", help="Only keys that begin with it (default: every upload of the workflow).")
@click.option(
    "--since", metavar="DATE", callback=_date, help="Only uploads stored on or after this date: 2026-01-31, in UTC."
)
@click.option(
    "--concurrency",
    metavar="N",
    callback=_at_least_one,
    help="Uploads to process at once (default and maximum: `max_concurrency` of the app's Reprocess).",
)
@click.option("--dry-run", is_flag=True, help="Count the uploads and start nothing.")
@workflow_option
def command(
    *, prefix: str | None, since: datetime | None, concurrency: int | None, dry_run: bool, workflow: str | None
) -> int:
    """Run the released workflow again for every stored upload, and wait until all have their outcome.

    Use it after you changed renditions or rules. The app needs a Reprocess.
    """
    project, console = Path.cwd(), make_console()
    if dry_run:
        return _count(project=project, prefix=prefix, since=since, workflow_name=workflow, console=console)
    with running(project) as services:
        chosen = choose_workflow(deployed_workflows(services.endpoints), name=workflow)
        endpoints = services.endpoints.of(chosen.state_machine_arn)
        selection = select(workflow=chosen, prefix=prefix, since=since)
        run = start_run(endpoints, workflow=chosen, selection=selection, concurrency=concurrency)
        with step(console, f"Processing again ({run.name})") as show:
            run = follow_run(endpoints, workflow=chosen, run=run, changed=lambda latest: show(_words(latest)))
        failed = failed_uploads(endpoints, workflow=chosen, run=run) if run.outcomes.get(Status.FAILED) else []
    console.print(shown(_words(run)))
    for upload in failed:
        console.print(shown(f"{Status.FAILED}: {upload.key}: {upload.cause or 'nothing says why'}"), soft_wrap=True)
    for status, why in _NOT_PROCESSED.items():
        if status in run.outcomes:
            console.print(shown(f"{status}: {why}"))
    return _NOT_ALL if run.outcomes.get(Status.FAILED) else 0


def _count(
    *, project: Path, prefix: str | None, since: datetime | None, workflow_name: str | None, console: Console
) -> int:
    with running(project) as services:
        workflow = choose_workflow(deployed_workflows(services.endpoints), name=workflow_name)
        clients = services.endpoints.of(workflow.state_machine_arn)
        reprocessor(clients, workflow=workflow)
        selection = select(workflow=workflow, prefix=prefix, since=since)
        found = count_uploads(clients, workflow=workflow, selection=selection)
    console.print(
        shown(f"{found.uploads} uploads of {found.size / 1e6:.1f} MB would be processed again; nothing was started.")
    )
    if found.archived:
        console.print(shown(f"{found.archived} archived objects would be skipped, unless they were restored."))
    return 0


def _words(run: Run) -> str:
    return ", ".join(f"{count} {status}" for status, count in run.outcomes.items()) or "no upload"
