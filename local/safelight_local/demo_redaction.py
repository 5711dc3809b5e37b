"""The third part of the demo: a photograph and a video whose faces are covered."""

import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from safelight_local.aws.redaction_states import Ending
from safelight_local.aws.redactions import choose_redaction, deployed_redactions, kind_of
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app
from safelight_local.emulator.cdk import Cli
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.redacted_files import RedactedFile, redact_files, remove_sent
from safelight_local.sample_clip import write_clip
from safelight_local.samples import Samples
from safelight_local.tables import redacted_table
from safelight_local.terminal import shown

APP = Path("examples", "redaction", "app.py")
"""The app with the redactions, in the folder of the demo."""

_SECONDS = 300
_COVERED = {"FACE": 1}

Stepping = Callable[[str], AbstractContextManager[Callable[[str], None]]]


def unexpected(redacted: RedactedFile) -> str | None:
    """Compare what happened to a file of one face with what should happen.

    Returns what is wrong, in one line. None if nothing is.
    """
    if redacted.ending is not Ending.REDACTED:
        ending = redacted.ending or "no outcome"
        return f"{redacted.path.name}: {ending} ({redacted.state.reason}), and it should be {Ending.REDACTED}"
    if redacted.state.covered != _COVERED:
        return f"{redacted.path.name}: {dict(redacted.state.covered)} are covered, and it should be one face"
    return None


def redact_samples(
    cli: Cli,
    *,
    endpoints: Endpoints,
    samples: Samples,
    output: Path,
    folder: Path,
    console: Console,
    step: Stepping,
    validate: Callable[[], None],
) -> list[str]:
    """Deploy both redactions, and redact a photograph and a video.

    `output`: the folder for the files and their results; made when it is not there.
    `folder`: for files of the deployment; made.
    `validate`: called while this waits. It raises an error to stop waiting.

    Returns one line for each unexpected outcome. Empty if there is none. Raises UserError if it does not deploy.
    """
    console.print(
        shown(
            f"Third part, up to a minute: deploys {APP}, and covers the faces in a photograph and in a video of five "
            "seconds."
        )
    )
    folder.mkdir()
    endpoints = deploy_app(
        cli,
        endpoints=endpoints,
        project=Path.cwd(),
        app=f"{sys.executable} {APP}",
        context=[],
        folder=folder,
        seconds=STALL_SECONDS,
        step=step,
    )
    output.mkdir(parents=True, exist_ok=True)
    photo = Path(shutil.copyfile(samples.person, output / "photo.jpg"))
    clip = write_clip(output / "clip.mp4")
    deployed = deployed_redactions(endpoints)
    with step("Redacting") as show:
        redacted = redact_files(
            endpoints,
            files=[(file, choose_redaction(deployed, kind=kind_of(file)), output) for file in (photo, clip)],
            deadline=time.monotonic() + _SECONDS,
            show=show,
            validate=validate,
            afterwards=remove_sent,
        )
    # Where the files are is printed once, below.
    named = [replace(it, path=Path(it.path.name), written=it.written and Path(it.written.name)) for it in redacted]
    console.print(redacted_table(named))
    console.print(shown(f"Files to open, before and after: {output}"))
    return [line for line in map(unexpected, redacted) if line]
