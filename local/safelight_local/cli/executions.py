"""``safelight executions``: list the executions of all workflows."""

from pathlib import Path

import click

from safelight_local.aws.executions import list_executions
from safelight_local.cli._help import examples
from safelight_local.emulator.session import running
from safelight_local.terminal import executions_table, make_console


@click.command(short_help="List executions, the latest first.", epilog=examples("  safelight executions"))
def command() -> None:
    """List the executions of all deployed workflows, the latest first."""
    project, console = Path.cwd(), make_console()
    with running(project) as services:
        found = list(list_executions(services.endpoints))
    found.sort(key=lambda pair: pair[1].started, reverse=True)
    if found:
        console.print(executions_table(found, console=console))
    else:
        console.print("No execution yet: upload an image with `safelight run IMAGE`.")
