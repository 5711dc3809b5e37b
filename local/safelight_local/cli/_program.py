"""Runs a program of click commands."""

import os
import sys
from collections.abc import Sequence

import click
from click.shell_completion import shell_complete

from safelight_local.errors import exit_code_of
from safelight_local.visible_text import visible_lines

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 120}
"""The ``context_settings`` of a program."""

COMPLETION_VARIABLE = "_SAFELIGHT_COMPLETE"
"""The environment variable in which the completion script of a shell names what it wants."""

_UNUSABLE = 2


def run_program(command: click.Command, *, name: str, arguments: Sequence[str] | None) -> int:
    """Run a command, and turn errors and interruptions into exit codes.

    Parameters
    ----------
    command : click.Command
        A callback that returns None succeeded. Else it returns the exit code.
    name : str
        The program's name in its help. What follows its last dot begins each error message.
    arguments : Sequence[str] or None
        The arguments after the program's name. None takes those of ``sys.argv``.

    Returns
    -------
    int
        The exit code: that of the command, 2 for an error that the user can correct, 130 after Ctrl-C, 141 after the
        reader of a pipe has ended.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    return exit_code_of(lambda: _run(command, name=name, arguments=given), program=name.rpartition(".")[2])


def _run(command: click.Command, *, name: str, arguments: list[str]) -> int:
    if (instruction := os.environ.get(COMPLETION_VARIABLE)) is not None:
        return shell_complete(command, {}, name, COMPLETION_VARIABLE, instruction)
    # click's own `main` prints to standard error before it lets Ctrl-C through.
    try:
        with command.make_context(name, arguments) as context:
            return command.invoke(context) or 0
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except click.ClickException as error:
        context = _context_of(command, name=name, arguments=arguments)
        print(visible_lines(_explain(error, context=context)), file=sys.stderr)
        return _UNUSABLE


def _context_of(command: click.Command, *, name: str, arguments: list[str]) -> click.Context:
    """Make the context of the command that arguments name."""
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        for argument in arguments:
            if (found := command.get_command(context, argument)) is not None:
                return click.Context(found, info_name=argument, parent=context)
    return context


def _explain(error: click.ClickException, *, context: click.Context) -> str:
    if not isinstance(error, click.UsageError) or isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    # click gives no context to the error of an option whose argument is missing.
    context = error.ctx or context
    return f"{context.get_usage()}\n{context.command_path}: error: {_message(error)}"


def _message(error: click.ClickException) -> str:
    message = error.format_message()
    if not isinstance(error, click.MissingParameter):
        return message
    # click writes each choice on a line of its own, after a tab.
    return f"{' '.join(message.split()).replace('Choose from:', 'Choose from').rstrip('.')}."
