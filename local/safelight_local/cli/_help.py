"""What the help of several commands has in common."""

from typing import Any

import click

from safelight_local.doctor import JSON_HELP

PORT = click.IntRange(1, 65535)
"""The type of an option that names a port."""


def examples(lines: str) -> str:
    """Make the end of a command's help.

    `lines`: one example a line. They are not wrapped.
    """
    return f"\b\nExamples:\n{lines.rstrip()}"


def workflow_option(function: Any) -> Any:
    """Add ``--workflow NAME``."""
    return click.option("--workflow", metavar="NAME", help="Which workflow, if several are deployed.")(function)


def json_option(function: Any) -> Any:
    """Add ``--json``, for `safelight_local.cli._json.print_json`."""
    return click.option("--json", "as_json", is_flag=True, help=JSON_HELP)(function)


def not_empty(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    """Refuse an empty value of an option: it is mostly a variable of the shell that is not set."""
    if text is not None and not text.strip():
        raise click.BadParameter("it is empty: give a value, or leave the option out")
    return text
