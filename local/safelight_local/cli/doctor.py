"""``safelight doctor``: check that this machine has everything it needs."""

from pathlib import Path

import click

from safelight_local import doctor
from safelight_local.cli._help import examples, json_option


@click.command(
    short_help="Check that this machine has everything it needs.",
    help=doctor.DESCRIPTION,
    epilog=examples("""\
  safelight doctor          check what `safelight up` needs
  safelight doctor --aws    also ask AWS whose credentials these are, for a real deployment
"""),
)
@click.option("--aws", is_flag=True, help=doctor.AWS_HELP)
@json_option
def command(*, aws: bool, as_json: bool) -> int:  # noqa: D103 - its help is the one above
    check = doctor.doctor_as_json if as_json else doctor.doctor
    return check(project=Path.cwd(), aws=aws)
