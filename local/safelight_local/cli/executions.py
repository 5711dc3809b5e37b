"""``safelight executions``: list the executions of all workflows."""

from pathlib import Path

import click

from safelight_local.aws.deployment import choose_workflows, deployed_workflows
from safelight_local.cli._help import examples, json_option, workflow_option
from safelight_local.cli._json import print_json
from safelight_local.emulator.session import running
from safelight_local.outcomes import list_executions
from safelight_local.tables import executions_table
from safelight_local.terminal import make_console, waiting


@click.command(
    short_help="List executions, the latest first.",
    epilog=examples("""\
  safelight executions
  safelight executions --json
  safelight executions --workflow Photos.Workflow
"""),
)
@workflow_option
@json_option
def command(*, workflow: str | None, as_json: bool) -> None:
    """List executions with the outcomes of their uploads, the latest first: of all workflows, or of one."""
    project, console = Path.cwd(), make_console()
    with running(project) as services, waiting("Reading executions"):
        chosen = choose_workflows(deployed_workflows(services.endpoints), name=workflow)
        found = list_executions(services.endpoints, workflows=chosen)
    if as_json:
        print_json([it.as_json() for it in found])
    elif found:
        console.print(executions_table(found, console=console))
    else:
        console.print("No execution yet: upload an image with `safelight run IMAGE`.")
