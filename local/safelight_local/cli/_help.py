"""What the help of several commands has in common."""

from typing import Any

import click


def examples(lines: str) -> str:
    """Make the end of a command's help.

    Parameters
    ----------
    lines : str
        One example a line. They are not wrapped.
    """
    return f"\b\nExamples:\n{lines.rstrip()}"


def workflow_option(function: Any) -> Any:
    """Add ``--workflow NAME``."""
    return click.option("--workflow", metavar="NAME", help="Which workflow, if several are deployed.")(function)
