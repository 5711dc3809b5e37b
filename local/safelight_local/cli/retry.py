"""``safelight retry``: send an upload's event again."""

from pathlib import Path

import click

from safelight_contracts.records import Status
from safelight_local.aws.deployment import choose_workflow, deployed_workflows
from safelight_local.aws.retry import OutcomeIsFinal, follow_execution, start_again
from safelight_local.aws.uploads import OUTCOME_SECONDS
from safelight_local.cli._help import examples, json_option, workflow_option
from safelight_local.cli._json import print_json
from safelight_local.emulator.session import running
from safelight_local.errors import UserError
from safelight_local.live_uploads import live_uploads, no_progress
from safelight_local.outcomes import progress_as_json
from safelight_local.terminal import make_console, shown

_NOT_ALL = 1


@click.command(
    short_help="Send an upload's event again.",
    epilog=examples("""\
  safelight retry park/photo.jpg
  safelight retry park/photo.jpg --version-id ID
"""),
)
@click.argument("key")
@click.option("--version-id", metavar="ID", help="The object's version (default: the key's newest upload).")
@workflow_option
@json_option
def command(*, key: str, version_id: str | None, workflow: str | None, as_json: bool) -> int:
    """Start the workflow again with the event that an upload started it with, and wait for the outcome.

    Use it for an upload that FAILED, or whose execution was stopped. An upload that is published or rejected keeps its
    outcome. KEY is the upload's key with its prefix.
    """
    project, console = Path.cwd(), make_console()
    with running(project) as services:
        chosen = choose_workflow(deployed_workflows(services.endpoints), name=workflow)
        clients = services.endpoints.of(chosen.state_machine_arn)
        try:
            started = start_again(clients, workflow=chosen, key=key, version_id=version_id)
        except OutcomeIsFinal as reason:
            console.print(shown(f"Not retried: {reason}."))
            return _NOT_ALL
        with no_progress() if as_json else live_uploads(console) as changed:
            progress = follow_execution(
                clients, workflow=chosen, execution=started, seconds=OUTCOME_SECONDS, changed=changed
            )
    if progress.record is None:
        raise UserError(f"no outcome is recorded for {key} yet: see `safelight show {started.name}`")
    if as_json:
        print_json(progress_as_json(progress, workflow=chosen))
    return 0 if progress.record.status in (Status.PUBLISHED, Status.REJECTED) else _NOT_ALL
