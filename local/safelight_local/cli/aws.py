"""``safelight aws``: run the AWS CLI on the emulator."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import click

from safelight_local.aws.deployment import deployed_workflows
from safelight_local.cli._help import examples, workflow_option
from safelight_local.cli._place import at_workflows
from safelight_local.emulator.session import running
from safelight_local.errors import UserError

_ADVICE = (
    "the AWS CLI is missing: install it, for example with `uv tool install awscli`, or as "
    "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html says"
)


@click.command(
    short_help="Run the AWS CLI on the emulator.",
    epilog=examples("""\
  safelight aws s3 ls
  safelight aws stepfunctions list-state-machines
  safelight aws dynamodb scan --table-name TABLE
  safelight aws --workflow ProdPhotos/Workflow s3 ls
"""),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@workflow_option
@click.argument("arguments", metavar="ARGUMENT...", nargs=-1, required=True, type=click.UNPROCESSED)
def command(*, workflow: str | None, arguments: Sequence[str]) -> int:
    """Run the AWS CLI with the address, credentials, region and certificate of the emulator.

    The account and region are those of the workflow. Your AWS profiles are not used.
    The exit code is that of the AWS CLI.
    """
    with running(Path.cwd()) as services:
        program = shutil.which("aws")
        if program is None:
            raise UserError(_ADVICE)
        there = services.endpoints
        endpoints = at_workflows(there, workflows=deployed_workflows(there), name=workflow)
        # The CLI shows output in a pager by default, and `environment` passes none of the user's AWS settings.
        environment = endpoints.environment() | {"AWS_PAGER": os.environ.get("AWS_PAGER", "")}
        return subprocess.run([program, *arguments], env=environment, check=False).returncode  # noqa: S603 - from PATH
