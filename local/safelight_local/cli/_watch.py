"""Deploys again whenever a file is saved: ``safelight up --watch``."""

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from safelight_local.emulator.live_code import update_functions
from safelight_local.emulator.services import Services
from safelight_local.emulator.session import alone, running
from safelight_local.errors import UserError
from safelight_local.saved_files import SeenFile, wait_for_changes
from safelight_local.terminal import shown
from safelight_local.visible_text import visible


def watch(
    project: Path,
    *,
    seen: Mapping[Path, SeenFile],
    deploy: Callable[[Services], None],
    console: Console,
) -> None:
    """Deploy again whenever a file is saved, until Ctrl-C.

    Parameters
    ----------
    project : Path
        The folder of the app.
    seen : Mapping[Path, SeenFile]
        Its files before they were deployed.
    deploy : Callable[[Services], None]
        Deploys the app. An error of the user is printed, and the next file that is saved deploys it again.
    console : Console
        Where to report.

    Raises
    ------
    UserError
        When nothing is up any more.
    """
    console.print(shown(f"Watching {project}. Press Ctrl-C to stop: the deployment keeps running."))
    with suppress(KeyboardInterrupt):
        while True:
            seen, changes = wait_for_changes(project, seen=seen)
            console.print(shown(f"Saved: {', '.join(str(it.path.relative_to(project)) for it in changes)}"))
            since = time.monotonic()
            with running(project) as services:
                updated = update_functions(services.endpoints, changes=changes)
                if updated is not None:
                    console.print(shown(f"Live after {time.monotonic() - since:.1f} s: {', '.join(updated)}"))
                    continue
                try:
                    with alone(project):
                        deploy(services)
                except UserError as error:
                    print(f"safelight: {visible(str(error))}", file=sys.stderr)
