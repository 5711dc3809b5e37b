"""``safelight show``: show what happened in one execution."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow, choose_workflows, deployed_workflows
from safelight_local.aws.executions import Execution, find_execution
from safelight_local.aws.history import read_history
from safelight_local.aws.records import read_place_type, read_record
from safelight_local.aws.uploads import Progress, Upload
from safelight_local.cli._help import examples, json_option, workflow_option
from safelight_local.cli._json import print_json
from safelight_local.console.privacy import without_positions
from safelight_local.console.view import read_view
from safelight_local.console.workflow import definition_of_execution
from safelight_local.emulator.session import running
from safelight_local.errors import UserError
from safelight_local.outcomes import progress_as_json, record_of_execution, recorded_by_another
from safelight_local.tables import show_execution
from safelight_local.terminal import make_console, shown, waiting


@click.command(
    short_help="Show what happened in one execution.",
    epilog=examples("""\
  safelight show park/photo.jpg
  safelight show 1f0c4a52
  safelight show 1f0c4a52-7d1e-4d0a-9c39-3a5c0f1f7a11 --json
  safelight show park/photo.jpg --html photo.html
"""),
)
@click.argument("execution")
@workflow_option
@json_option
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="Write it, with its pictures, as one file to send."
)
@click.option("--with-position", is_flag=True, help="Keep the location in the file.")
def command(*, execution: str, workflow: str | None, as_json: bool, html: Path | None, with_position: bool) -> None:
    """Show one execution: its states, outcome, record, checks and renditions.

    EXECUTION is its name, the beginning of its name, its ARN, or the key of an upload. A key stands for its latest
    execution.
    """
    project, console = Path.cwd(), make_console()
    with running(project) as services:
        clients = services.endpoints
        with waiting("Looking for the execution"):
            workflows = choose_workflows(deployed_workflows(clients), name=workflow)
            its_workflow, found = find_execution(clients, named=execution, workflows=workflows)
            clients = clients.of(found.arn)
        if html is not None:
            clean: Callable[[Any], Any] = (lambda value: value) if with_position else without_positions
            with waiting("Reading its pictures and drawing the workflow"):
                written = _report(clients, workflow=its_workflow, execution=found, clean=clean)
            _write(written, file=html, what=found.upload.get("key", found.name), console=console)
            return
        with waiting("Reading the execution"):
            item = _read(clients, workflow=its_workflow, execution=found)
    if as_json:
        print_json(progress_as_json(item, workflow=its_workflow))
    else:
        show_execution(item, workflow=its_workflow, console=console)


def _read(clients: Clients, *, workflow: DeployedWorkflow, execution: Execution) -> Progress:
    upload = execution.upload
    key = upload.get("key", "-")
    record = read_record(clients, workflow=workflow, key=key, sequencer=upload.get("sequencer", ""))
    place_type = read_place_type(clients, workflow=workflow, key=key)
    return Progress(
        upload=Upload(key=key, etag=upload.get("etag", ""), place_type=place_type or "-"),
        execution=execution,
        states=read_history(clients, arn=execution.arn),
        record=record_of_execution(execution, record=record),
        recorded_by=recorded_by_another(execution, record=record),
    )


def _report(clients: Clients, *, workflow: DeployedWorkflow, execution: Execution, clean: Callable[[Any], Any]) -> str:
    # Pillow takes longer to import than most commands take.
    from safelight_local.console.report import report

    view = read_view(clients, workflow=workflow, arn=execution.arn)
    if view is None:
        raise UserError(f"there is no execution {execution.name}: run `safelight executions` to list them")
    definition = definition_of_execution(clients, arn=execution.arn)
    return report(clients, view=view, definition=definition, clean=clean)


def _write(written: str, *, file: Path, what: str, console: Console) -> None:
    try:
        file.write_text(written, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror})") from error
    console.print(shown(f"{file}: {what}, {len(written.encode()) / 1000:.0f} kB"))
