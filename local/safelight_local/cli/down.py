"""``safelight down``: stop what ``safelight up`` started."""

from pathlib import Path

import click

from safelight_local.cli._help import examples
from safelight_local.emulator import state
from safelight_local.emulator.session import alone, stop_all
from safelight_local.terminal import make_console, waiting


@click.command(short_help="Stop what `up` has started.", epilog=examples("  safelight down"))
def command() -> None:
    """Stop the emulator and the Rekognition stand-in that `safelight up` started in this folder."""
    project, console = Path.cwd(), make_console()
    if not (project / state.FOLDER).is_dir():
        console.print("Nothing is running in this folder.")
        return
    with alone(project), waiting("Stopping the emulator and the Rekognition stand-in"):
        stopped = stop_all(project)
    console.print(
        f"Stopped. The deployment is deleted. Logs are in {state.FOLDER}."
        if stopped
        else "Nothing is running in this folder."
    )
