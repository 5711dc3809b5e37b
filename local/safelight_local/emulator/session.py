"""The services that ``safelight up`` started in a folder, for the commands that use them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError

from safelight_local.emulator import state
from safelight_local.emulator.services import Services, require_running, stop_services
from safelight_local.errors import NothingDeployedError, UserError
from safelight_local.servers import find_servers, kill_group

_LOCK = "lock"


@contextmanager
def running(project: Path) -> Iterator[Services]:
    """Use the services that ``up`` started in a ``with`` block.

    `project`: the folder that ``up`` was run in.

    It still runs when the block ends. Raises UserError if nothing is up, or nothing is deployed yet, or a server has
    died. The other server is stopped then.
    """
    services = state.load(project=project)
    if services is None:
        raise _still_at_work(project) or UserError("nothing is running in this folder: run `safelight up` first")
    with watched(services, project=project):
        try:
            yield services
        except NothingDeployedError as error:
            raise _still_at_work(project) or error from None


def _still_at_work(project: Path) -> UserError | None:
    """Return the error of a command that runs too early, if an ``up`` is at work in a folder."""
    try:
        with (project / state.FOLDER / _LOCK).open() as file:
            process = int(file.read())
            # Does nothing to the process. Without one, the lock is free, and trying it could refuse it to an `up`.
            os.kill(process, 0)
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return UserError(f"`safelight up` is still at work here (process {process}): wait until it has ended")
    except (OSError, ValueError):
        return None
    return None


@contextmanager
def alone(project: Path) -> Iterator[None]:
    """Keep other commands from starting or stopping services in a folder during a ``with`` block.

    `project`: the folder that ``up`` is run in.

    Raises UserError if another ``up`` or ``down`` is at work there.
    """
    with (state.open_folder(project) / _LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip()
            raise UserError(
                f"another `safelight up` or `safelight down` is at work in this folder (process {other}): "
                "wait until it has ended, or press Ctrl-C there"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def stop_all(project: Path) -> bool:
    """Stop what ``up`` started in a folder, also what the state file does not name.

    `project`: the folder that ``up`` was run in.

    Returns whether there was anything to stop.
    """
    services = state.load(project=project)
    if services is not None:
        stop_services(services)
    lost = find_servers(state.open_folder(project))
    for server in lost:
        kill_group(server)
    state.forget(project=project)
    return services is not None or bool(lost)


@contextmanager
def watched(services: Services, *, project: Path) -> Iterator[None]:
    """Report a server that has died, instead of the errors that follow from it, and stop what is left.

    `project`: the folder that ``up`` was run in.

    Raises UserError if a server has died.
    """
    try:
        require_running(services)
        try:
            yield
        except (BotoCoreError, UserError):
            require_running(services)
            raise
    except UserError as error:
        if all_running(services):
            raise
        stop_services(services)
        state.forget(project=project)
        raise UserError(f"{error}; start again with `safelight up`") from error


def all_running(services: Services) -> bool:
    """Whether the emulator and the stand-in both run."""
    try:
        require_running(services)
    except UserError:
        return False
    return True
