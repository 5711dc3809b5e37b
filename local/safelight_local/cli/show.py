"""``safelight show``: show what happened in one execution."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from safelight_local.aws.executions import find_execution
from safelight_local.aws.history import read_history
from safelight_local.aws.records import read_record
from safelight_local.aws.uploads import Progress, Upload
from safelight_local.cli._help import examples
from safelight_local.console.privacy import without_positions
from safelight_local.console.view import read_view
from safelight_local.console.workflow import definition_of_execution
from safelight_local.emulator.session import running
from safelight_local.errors import UserError
from safelight_local.terminal import make_console, show_execution, shown


@click.command(
    short_help="Show what happened in one execution.",
    epilog=examples("""\
  safelight show 1f0c4a52-7d1e-4d0a-9c39-3a5c0f1f7a11
  safelight show EXECUTION --html photo.html
"""),
)
@click.argument("execution")
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="Write it, with its pictures, as one file to send."
)
@click.option("--with-position", is_flag=True, help="Keep the location in the file.")
def command(*, execution: str, html: Path | None, with_position: bool) -> None:
    """Show one execution: its states, outcome, record, checks and renditions. EXECUTION is its name or ARN."""
    project, console = Path.cwd(), make_console()
    if html is None:
        _print(execution, project=project, console=console)
        return
    clean: Callable[[Any], Any] = (lambda value: value) if with_position else without_positions
    _write(execution, file=html, clean=clean, project=project, console=console)


def _print(execution: str, *, project: Path, console: Console) -> None:
    with running(project) as services:
        workflow, found = find_execution(services.endpoints, named=execution)
        clients = services.endpoints.of(found.arn)
        upload = found.upload
        key = upload.get("key", "-")
        item = Progress(
            upload=Upload(key=key, etag=upload.get("etag", ""), place_type="-"),
            execution=found,
            states=read_history(clients, arn=found.arn),
            record=read_record(clients, workflow=workflow, key=key, sequencer=upload.get("sequencer", "")),
        )
    show_execution(item, workflow=workflow, console=console)


def _write(execution: str, *, file: Path, clean: Callable[[Any], Any], project: Path, console: Console) -> None:
    # Pillow takes longer to import than most commands take.
    from safelight_local.console.report import report

    with running(project) as services:
        workflow, found = find_execution(services.endpoints, named=execution)
        clients = services.endpoints.of(found.arn)
        view = read_view(clients, workflow=workflow, arn=found.arn)
        if view is None:
            raise UserError(f"there is no execution {execution}: run `safelight executions` to list them")
        definition = definition_of_execution(clients, arn=found.arn)
        written = report(clients, view=view, definition=definition, clean=clean)
    try:
        file.write_text(written, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror})") from error
    console.print(shown(f"{file}: {found.upload.get('key', found.name)}, {len(written.encode()) / 1000:.0f} kB"))
