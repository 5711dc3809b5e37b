"""``safelight down``: stop what ``safelight up`` started."""

from pathlib import Path

import click

from safelight_local.cli._help import examples
from safelight_local.emulator import state
from safelight_local.emulator.services import stop_services
from safelight_local.terminal import make_console, waiting


@click.command(short_help="Stop what `up` has started.", epilog=examples("  safelight down"))
def command() -> None:
    """Stop the emulator and the Rekognition stand-in that `safelight up` started in this folder."""
    project, console = Path.cwd(), make_console()
    running = state.load(project=project)
    if running is None:
        console.print("Nothing is running in this folder.")
        return
    with waiting("Stopping the emulator and the Rekognition stand-in"):
        stop_services(running)
    state.forget(project=project)
    console.print("Stopped. The deployment is deleted. Logs are in .safelight.")
