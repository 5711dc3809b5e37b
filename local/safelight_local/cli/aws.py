"""``safelight aws``: run the AWS CLI on the emulator."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import click

from safelight_local.cli._help import examples
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
"""),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", metavar="ARGUMENT...", nargs=-1, required=True, type=click.UNPROCESSED)
def command(*, arguments: Sequence[str]) -> int:
    """Run the AWS CLI with the address, credentials, region and certificate of the emulator.

    Your AWS profiles are not used. The exit code is that of the AWS CLI.
    """
    with running(Path.cwd()) as services:
        program = shutil.which("aws")
        if program is None:
            raise UserError(_ADVICE)
        # The CLI shows output in a pager by default, and `environment` passes none of the user's AWS settings.
        environment = services.endpoints.environment() | {"AWS_PAGER": os.environ.get("AWS_PAGER", "")}
        return subprocess.run([program, *arguments], env=environment, check=False).returncode  # noqa: S603 - from PATH
