"""Lines that say what a program is doing while it takes long, for the program that runs it."""

import sys

_PREFIX = "Safelight: "


def print_progress(text: str) -> None:
    """Print what is being done on standard error, which the CDK CLI shows of an app.

    Parameters
    ----------
    text
        Such as ``building the layer pillow with pip``.
    """
    print(f"{_PREFIX}{text}", file=sys.stderr, flush=True)


def read_progress(line: str) -> str | None:
    """Find what is being done in a line of a program's output.

    Parameters
    ----------
    line
        Any line that it printed.

    Returns
    -------
    str or None
        The text that `print_progress` printed. None for any other line.
    """
    return line.removeprefix(_PREFIX) if line.startswith(_PREFIX) else None
