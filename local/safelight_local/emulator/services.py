"""The emulator and the Rekognition stand-in, started and stopped together."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import LAUNCHER, Emulator, start_emulator, stop_emulator
from safelight_local.rekognition import READY
from safelight_local.servers import (
    LOOPBACK,
    Server,
    died,
    free_port,
    is_running,
    mark,
    python_path,
    start_server,
    stop_server,
    wait_until_ready,
)
from safelight_models.progress import read_progress

# On first use the stand-in converts its models, and may have to fetch them.
_READY_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Services:
    """What a workflow runs on.

    `emulator`: S3, EventBridge, Step Functions, Lambda, DynamoDB and the rest.
    """

    emulator: Emulator
    rekognition: Server

    @property
    def endpoints(self) -> Endpoints:
        """How to reach the emulator."""
        return self.emulator.endpoints

    def at(self, endpoints: Endpoints) -> "Services":
        """Return the same services, with the environments that an app is deployed to."""
        return replace(self, emulator=replace(self.emulator, endpoints=endpoints))


def start_services(
    folder: Path,
    *,
    port: int | None = None,
    fixtures: Path | None = None,
    launcher: Sequence[str] = LAUNCHER,
    progress: Callable[[str], None] = lambda _: None,
) -> Services:
    """Start both, each on a loopback port, and wait until they take requests.

    `port`: the emulator's port. Default: a free one.
    `fixtures`: a file with the stand-in's answers for named images. Default: the models answer for every image.
    `progress`: called with what the stand-in does meanwhile. Default: no output.

    Stop it with `stop_services`. Raises UserError if one does not start. Nothing is left running then.
    """
    rekognition_port = free_port()
    emulator = start_emulator(
        folder, port=port, rekognition_url=f"http://{LOOPBACK}:{rekognition_port}", launcher=launcher
    )
    rekognition = None
    try:
        rekognition = start_server(
            name="Rekognition stand-in",
            command=[
                sys.executable,
                *mark(folder),
                *("-m", "safelight_local.rekognition", "--port", str(rekognition_port)),
                *(("--fixtures", str(fixtures.resolve())) if fixtures else ()),
            ],
            port=rekognition_port,
            # It may fetch models, so it has the user's proxies; it reads images from the emulator.
            env=emulator.endpoints.environment() | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": python_path()},
            log=folder / "rekognition.log",
        )
        wait_until_ready(
            rekognition, answers=partial(_is_ready, rekognition.log, progress=progress), seconds=_READY_SECONDS
        )
    except BaseException:
        if rekognition is not None:
            stop_server(rekognition)
        stop_emulator(emulator)
        raise
    return Services(emulator=emulator, rekognition=rekognition)


def _is_ready(log: Path, *, progress: Callable[[str], None]) -> bool:
    lines = log.read_text().splitlines()
    steps = [text for text in map(read_progress, lines) if text is not None]
    if steps:
        progress(steps[-1])
    return READY in lines


def stop_services(services: Services) -> None:
    """Stop both; what was deployed is gone."""
    stop_server(services.rekognition)
    stop_emulator(services.emulator)


def require_running(services: Services) -> None:
    """Raise an error if one of them has ended by itself.

    Raises UserError with the last lines of the log of the one that ended.
    """
    for server in (services.emulator.server, services.rekognition):
        if not is_running(server):
            raise died(server)


@contextmanager
def running_services(
    folder: Path, *, port: int | None = None, fixtures: Path | None = None, launcher: Sequence[str] = LAUNCHER
) -> Iterator[Services]:
    """Have both for the length of a ``with`` block.

    It is stopped when the block ends, even by an error.
    """
    services = start_services(folder, port=port, fixtures=fixtures, launcher=launcher)
    try:
        yield services
    finally:
        stop_services(services)
