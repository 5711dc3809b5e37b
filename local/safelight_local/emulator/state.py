"""The folder ``.safelight`` and its state file, through which ``safelight`` commands share what is running."""

import json
from pathlib import Path
from typing import Any

from safelight_local.emulator.endpoints import Endpoints, Environment
from safelight_local.emulator.process import Emulator
from safelight_local.emulator.services import Services
from safelight_local.servers import Server
from safelight_models.cache import atomic_write

FOLDER = ".safelight"
"""The name of the folder, in the folder of the app."""

_STATE = "state.json"
_VERSION = 2


def open_folder(project: Path) -> Path:
    """Make sure that a project has a folder for state and logs, which git ignores.

    Returns ``.safelight`` in it, absolute.
    """
    folder = project.resolve() / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    return folder


def save(services: Services, *, project: Path) -> None:
    """Save what is running."""
    written = {
        "version": _VERSION,
        "url": services.endpoints.url,
        "certificate": str(services.endpoints.ca_bundle),
        "environments": [[it.account, it.region] for it in services.endpoints.environments],
        "emulator": _to_json(services.emulator.server),
        "rekognition": _to_json(services.rekognition),
    }
    target = open_folder(project) / _STATE
    with atomic_write(target) as unfinished:
        unfinished.write_text(json.dumps(written, indent=2) + "\n")


def load(*, project: Path) -> Services | None:
    """Load what earlier commands started and did not stop.

    Returns None if nothing was started. The services may have ended since.
    """
    file = project / FOLDER / _STATE
    try:
        read = json.loads(file.read_text())
        if read["version"] != _VERSION:
            return None
        return Services(
            emulator=Emulator(
                server=_from_json(read["emulator"]),
                endpoints=Endpoints(
                    url=read["url"],
                    ca_bundle=Path(read["certificate"]),
                    environments=tuple(
                        Environment(account=account, region=region) for account, region in read["environments"]
                    ),
                ),
            ),
            rekognition=_from_json(read["rekognition"]),
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def forget(*, project: Path) -> None:
    """Delete the state file. Logs stay."""
    (project / FOLDER / _STATE).unlink(missing_ok=True)


def _to_json(server: Server) -> dict[str, Any]:
    return {
        "name": server.name,
        "pid": server.pid,
        "port": server.port,
        "command": list(server.command),
        "log": str(server.log),
    }


def _from_json(read: dict[str, Any]) -> Server:
    return Server(
        name=read["name"],
        pid=int(read["pid"]),
        port=int(read["port"]),
        command=tuple(read["command"]),
        log=Path(read["log"]),
    )
