"""``safelight console``: serve a page that shows what happened to each image."""

import webbrowser
from contextlib import suppress
from pathlib import Path

import click
from rich.console import Console

from safelight_local.aws.clients import find_account
from safelight_local.cli._help import PORT, examples
from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer
from safelight_local.emulator.session import running
from safelight_local.errors import UserError
from safelight_local.terminal import make_console, shown


@click.command(
    short_help="Open a page that shows what happened to each image.",
    epilog=examples("""\
  safelight console
  safelight console --region eu-west-1 --stack Photos
  safelight console --profile photos --allow-upload
"""),
)
@click.option("--port", metavar="N", type=PORT, help="The page's port (default: a free one).")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
@click.option("--stack", metavar="NAME", help="Real account: only workflows of this stack (default: all stacks).")
@click.option("--region", metavar="R", help="Real account: the region (default: the profile's).")
@click.option("--profile", metavar="P", help="Real account: the AWS profile (default: as boto3 finds credentials).")
@click.option("--allow-upload", is_flag=True, help="Real account: allow uploads by drag and drop (default: read-only).")
def command(
    *,
    port: int | None,
    no_browser: bool,
    stack: str | None,
    region: str | None,
    profile: str | None,
    allow_upload: bool,
) -> None:
    """Serve a page on loopback, and open it: executions, their paths, pictures, checks and records.

    It shows what `safelight up` has deployed. With --stack, --region or --profile it shows a real AWS account,
    read-only.
    """
    console = make_console()
    if not (stack or region or profile):
        if allow_upload:
            raise UserError("--allow-upload is for a real account, named by --stack, --region or --profile")
        with running(Path.cwd()) as services:
            api = Api(services.endpoints, stack=None, may_upload=True)
            _serve(api, port=port, no_browser=no_browser, console=console)
        return
    account = find_account(region=region, profile=profile)
    console.print(shown(f"AWS account {account.number}, {account.region}"))
    api = Api(account, stack=stack, may_upload=allow_upload)
    _serve(api, port=port, no_browser=no_browser, console=console)


def _serve(api: Api, *, port: int | None, no_browser: bool, console: Console) -> None:
    with ConsoleServer(api, port=port or 0) as server:
        # The address has its own line so that it can be copied. It contains a secret.
        console.print(shown("Anyone on this machine who has this address can open the console:"))
        console.print(server.url, soft_wrap=True)
        console.print(shown("Press Ctrl-C to stop it."))
        if not no_browser:
            webbrowser.open(server.url)
        # Ctrl-C is the normal way to stop it.
        with suppress(KeyboardInterrupt):
            server.serve_forever()
