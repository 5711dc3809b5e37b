"""``safelight env``: print the environment variables that point other tools at the emulator."""

import os
import shlex
from pathlib import Path

import click

from safelight_local.aws.deployment import deployed_workflows
from safelight_local.cli._help import examples, workflow_option
from safelight_local.cli._json import print_json
from safelight_local.cli._place import at_workflows
from safelight_local.emulator.session import running


def _export(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _set_in_fish(name: str, value: str) -> str:
    # "Quotes" in the documentation of fish: between single quotes, a backslash escapes itself and the quote.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


_LINES = {"bash": _export, "zsh": _export, "sh": _export, "fish": _set_in_fish}
# They would come before the emulator's credentials and address.
_OWN_ACCOUNT = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_")
_UNSET = {"bash": "unset", "zsh": "unset", "sh": "unset", "fish": "set -e"}


@click.command(
    short_help="Print variables that point other tools at the emulator.",
    epilog=examples("""\
  eval "$(safelight env)"
  safelight env --shell fish | source
  safelight env --json
  safelight env --workflow ProdPhotos/Workflow
"""),
)
@click.option(
    "--shell", type=click.Choice(list(_LINES)), default="bash", show_default=True, help="The shell to write for."
)
@workflow_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of commands of a shell.")
def command(*, shell: str, workflow: str | None, as_json: bool) -> None:
    """Print the address, credentials, region and certificate of the emulator as environment variables.

    The account and region are those of the workflow. AWS SDKs and the AWS CLI use the variables. Variables that name
    your own account, such as AWS_PROFILE, are unset. Close the shell to use your account again.
    """
    with running(Path.cwd()) as services:
        there = services.endpoints
        endpoints = at_workflows(there, workflows=deployed_workflows(there), name=workflow)
        variables = endpoints.variables() | endpoints.no_proxy()
    if as_json:
        print_json(variables)
        return
    for name in sorted(os.environ):
        if name.startswith(_OWN_ACCOUNT):
            click.echo(f"{_UNSET[shell]} {name}")
    for name, value in variables.items():
        click.echo(_LINES[shell](name, value))
