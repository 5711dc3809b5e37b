"""The services that ``safelight up`` started in a folder, for the commands that use them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError

from safelight_local.emulator import state
from safelight_local.emulator.services import Services, require_running, stop_services
from safelight_local.errors import UserError


@contextmanager
def running(project: Path) -> Iterator[Services]:
    """Use the services that ``up`` started in a ``with`` block.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.

    Yields
    ------
    Services
        Still running when the block ends.

    Raises
    ------
    UserError
        If nothing is up, or a server has died. The other server is stopped then.
    """
    services = state.load(project=project)
    if services is None:
        raise UserError("nothing is running in this folder: run `safelight up` first")
    with watched(services, project=project):
        yield services


@contextmanager
def watched(services: Services, *, project: Path) -> Iterator[None]:
    """Report a server that has died, instead of the errors that follow from it, and stop what is left.

    Parameters
    ----------
    services : Services
        The services in use.
    project : Path
        The folder that ``up`` was run in.

    Raises
    ------
    UserError
        When a server has died.
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
