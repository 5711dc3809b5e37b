"""The command line, ``safelight``. Each module here without a leading underscore has one, as ``command``."""

import importlib
import importlib.metadata
import pkgutil
from collections.abc import Sequence

import click

from safelight_local.cli._help import examples
from safelight_local.cli._program import SETTINGS, run_program

COMMANDS = frozenset(
    module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
)
"""The names of all commands: those of the modules of this package, with hyphens."""

_EXAMPLES = examples("""\
  safelight init photos                          write a folder with an app to begin with
  safelight up                                   deploy the CDK app in this folder to an emulator
  safelight up --app "python app.py" -c version=v2
  safelight run photo.jpg                        upload it to a park and wait for its outcome
  safelight run *.jpg --place-type restaurant
  safelight redact photo.jpg                     cover what a deployed RedactionService covers
  safelight retry park/photo.jpg                 send its event again, after you fixed the problem
  safelight reprocess --since 2026-01-31 --dry-run
  safelight executions
  safelight logs -f                              follow what the functions write
  safelight show 1f0c4a52-7d1e-4d0a-9c39-3a5c0f1f7a11
  safelight show EXECUTION --html photo.html     write one file that you can send to somebody
  safelight console                              open a page that shows what happened to each image
  safelight console --region eu-west-1 --stack Photos
  safelight aws s3 ls                            run the AWS CLI on the emulator
  safelight down
  safelight diagram mine.asl.json -o mine.svg    draw a state machine
  safelight doctor                               check that this machine has everything it needs
  safelight dng photo.jpg                        convert a Raspberry Pi raw photograph to DNG
  safelight watermark photo.jpg                  read the invisible watermark of a rendition
  safelight keys sync                            give the edge the keys that sign URLs of images
  safelight sign "/park/photo.jpg?width=640" --expires 12h
  safelight html park/photo.jpg                  write an <img> in several sizes
  safelight html-files index.html                put the local images of a page behind a delivery
""")


class _Commands(click.Group):
    """The modules of this package. A command is imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        command.name = cmd_name
        return command


@click.group(
    cls=_Commands,
    epilog=_EXAMPLES,
    context_settings=SETTINGS,
)
@click.version_option(importlib.metadata.version("safelight"), message="safelight %(version)s")
def safelight() -> None:
    """Run a CDK app that uses Safelight on this machine: no AWS account, no Docker."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : Sequence[str], optional
        The arguments after the program's name. Default: ``sys.argv``.

    Returns
    -------
    int
        The exit code: 0; 1 when an upload failed again or kept its outcome, a file was not redacted, or an image has
        no watermark; 2 for an error that the user can correct; 130 after Ctrl-C; 141 after the reader of a pipe has
        ended.
    """
    return run_program(safelight, name="safelight", arguments=arguments)
