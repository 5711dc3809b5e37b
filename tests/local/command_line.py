"""Runs ``safelight`` as a user does, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safelight_local.emulator import state
from safelight_local.emulator.endpoints import Endpoints

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """The environment of a user who has Safelight installed, and the CDK CLI on PATH."""
    tools = str(ROOT / "node_modules" / ".bin")
    return os.environ | {"PATH": os.pathsep.join([tools, os.environ["PATH"]]), "AWS_PROFILE": "of-the-user"}


def start(project: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "safelight_local", *arguments],
        cwd=project,
        env=env or environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def safelight(project: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    process = start(project, *arguments, env=env)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@contextmanager
def deployed(project: Path, *, app: str) -> Iterator[Endpoints]:
    """Write an app into a project and deploy it with ``safelight up``. Run ``safelight down`` at the end."""
    (project / "app.py").write_text(app)
    done = safelight(project, "up", "--app", f"{sys.executable} app.py")
    try:
        assert done.returncode == 0, done
        services = state.load(project=project)
        assert services is not None
        yield services.endpoints
    finally:
        safelight(project, "down")


def pids(project: Path) -> list[int]:
    """The servers that the state file in a project names."""
    read: dict[str, Any] = json.loads((project / ".safelight" / "state.json").read_text())
    return [read["emulator"]["pid"], read["rekognition"]["pid"]]


def servers_of(project: Path) -> list[str]:
    """The command lines of all processes that were started with a file in a project's folder of state."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(project / ".safelight").encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return [line for line in found if line]
