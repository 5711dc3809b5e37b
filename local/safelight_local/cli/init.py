"""``safelight init``: write the folder of a new CDK app."""

from pathlib import Path

import click

from safelight_local import new_app
from safelight_local.cli._help import examples
from safelight_local.visible_text import visible_lines


@click.command(
    short_help="Write the folder of a new CDK app.",
    help=new_app.DESCRIPTION,
    epilog=examples("""\
  safelight init photos
  safelight init
"""),
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def command(*, folder: Path) -> None:  # noqa: D103 - its help is the one above
    new_app.write_app(folder)
    click.echo(visible_lines(new_app.next_steps(folder)))
