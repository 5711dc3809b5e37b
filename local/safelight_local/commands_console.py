"""What ``safelight console`` does: serves the page and opens it."""

import webbrowser
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from safelight_local.clients import find_account
from safelight_local.commands import running
from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer


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
    console.print(Text(f"AWS account {account.number}, {account.region}"))
    api = Api(account, stack=stack, may_upload=allow_upload)
    _serve(api, port=port, no_browser=no_browser, console=console)


def _serve(api: Api, *, port: int, no_browser: bool, console: Console) -> None:
    with ConsoleServer(api, port=port) as server:
        # The address has a secret in it, and stands on a line of its own to be copied.
        console.print(Text("The console is open to whoever has this address, on this machine alone:"))
        console.print(Text(server.url), soft_wrap=True)
        console.print(Text("Ctrl-C ends it."))
        if not no_browser:
            webbrowser.open(server.url)
        # Ctrl-C is the way in which it ends, and no interruption.
        with suppress(KeyboardInterrupt):
            server.serve_forever()
