"""What ``safelight console`` and ``safelight show --html`` do: the page, and a file of one execution."""

import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from safelight_local.aws.clients import find_account
from safelight_local.aws.every_execution import find_execution
from safelight_local.cli.commands import running
from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer
from safelight_local.console.view import read_view
from safelight_local.console.workflow import definition_of_execution
from safelight_local.errors import UserError
from safelight_local.terminal import shown


def console_of_this_machine(*, project: Path, port: int, no_browser: bool, console: Console) -> None:
    """Serve the console for what ``up`` has deployed, until Ctrl-C.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    port : int
        A loopback port; 0 has a free one chosen.
    no_browser : bool
        Whether the address is only printed.
    console : Console
        Where to print it.

    Raises
    ------
    UserError
        When nothing is up, or the port cannot be used.
    """
    with running(project) as services:
        api = Api(services.endpoints, stack=None, may_upload=True)
        _serve(api, port=port, no_browser=no_browser, console=console)


def console_of_account(
    *,
    stack: str | None,
    region: str | None,
    profile: str | None,
    allow_upload: bool,
    port: int,
    no_browser: bool,
    console: Console,
) -> None:
    """Serve the console for a real account, until Ctrl-C.

    Parameters
    ----------
    stack : str or None
        Only the workflows of this stack; None is those of all stacks.
    region, profile : str or None
        As for `find_account`.
    allow_upload : bool
        Whether files may be dropped on the page; otherwise it only reads.
    port : int
        A loopback port; 0 has a free one chosen.
    no_browser : bool
        Whether the address is only printed.
    console : Console
        Where to print it.

    Raises
    ------
    UserError
        When the account cannot be reached, or the port cannot be used.
    """
    account = find_account(region=region, profile=profile)
    console.print(shown(f"AWS account {account.number}, {account.region}"))
    api = Api(account, stack=stack, may_upload=allow_upload)
    _serve(api, port=port, no_browser=no_browser, console=console)


def write_report(*, project: Path, execution: str, file: Path, clean: Callable[[Any], Any], console: Console) -> None:
    """Write one execution as an HTML file that needs nothing else.

    Parameters
    ----------
    project : Path
        The folder that ``up`` was run in.
    execution : str
        Its name or ARN.
    file : Path
        The file; what it held is lost.
    clean : Callable[[Any], Any]
        As for `report`.
    console : Console
        Where to say so.

    Raises
    ------
    UserError
        When there is no such execution, or the file cannot be written.
    """
    # Pillow takes longer to import than most commands take.
    from safelight_local.console.report import report

    with running(project) as services:
        workflow, found = find_execution(services.endpoints, named=execution)
        view = read_view(services.endpoints, workflow=workflow, arn=found.arn)
        if view is None:
            raise UserError(f"there is no execution {execution}: `safelight executions` lists those there are")
        definition = definition_of_execution(services.endpoints, arn=found.arn)
        written = report(services.endpoints, view=view, definition=definition, clean=clean)
    try:
        file.write_text(written, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror})") from error
    console.print(shown(f"{file}: {found.upload.get('key', found.name)}, {len(written.encode()) / 1000:.0f} kB"))


def _serve(api: Api, *, port: int, no_browser: bool, console: Console) -> None:
    with ConsoleServer(api, port=port) as server:
        # The address has a secret in it, and stands on a line of its own to be copied.
        console.print(shown("The console is open to whoever has this address, on this machine alone:"))
        console.print(server.url, soft_wrap=True)
        console.print(shown("Ctrl-C ends it."))
        if not no_browser:
            webbrowser.open(server.url)
        # Ctrl-C is the way in which it ends, and no interruption.
        with suppress(KeyboardInterrupt):
            server.serve_forever()
