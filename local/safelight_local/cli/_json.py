"""Output of commands for programs."""

import json

import click


def print_json(value: object) -> None:
    """Print a value as JSON.

    `value`: plain values. Characters outside of ASCII are escaped, so that none of them is a command to a terminal.
    """
    click.echo(json.dumps(value, indent=2))
