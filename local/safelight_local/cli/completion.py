"""``safelight completion``: print what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from safelight_local.cli._help import examples
from safelight_local.cli._program import COMPLETION_VARIABLE

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    short_help="Print the completion script of a shell.",
    epilog=examples("""\
  safelight completion bash >> ~/.bashrc
  safelight completion zsh >> ~/.zshrc
  safelight completion fish > ~/.config/fish/completions/safelight.fish
"""),
)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(context: click.Context, *, shell: str) -> None:
    """Print a script that completes commands and options of `safelight` in a shell. Bash must be 4.4 or newer."""
    made = get_completion_class(shell)
    if made is None:
        raise LookupError(f"click completes nothing in {shell}")
    root = context.find_root()
    click.echo(made(root.command, {}, str(root.info_name), COMPLETION_VARIABLE).source())
