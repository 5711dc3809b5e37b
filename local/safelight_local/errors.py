"""The error that is meant for the user of the local runner, and how a program ends with one."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

from safelight_local.visible_text import visible

_USER_ERROR = 2
_INTERRUPTED = 130


class UserError(Exception):
    """Something the user can put right: its message is one line that says what to do."""


def exit_code_of(action: Callable[[], int], *, program: str) -> int:
    """Run a program's main action, and turn the ways in which a user ends it into exit codes.

    Parameters
    ----------
    action : Callable[[], int]
        What the program does; gives the exit code when nothing interferes.
    program : str
        The name that begins each line on standard error.

    Returns
    -------
    int
        What the action gave; 2 after a `UserError`, whose message is printed as one line; 130 after Ctrl-C or
        SIGTERM.
    """
    # As Ctrl-C does: what was started is stopped by `finally` blocks, which SIGTERM would pass over.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return action()
    except UserError as error:
        print(f"{program}: {visible(str(error))}", file=sys.stderr)
        return _USER_ERROR
    except KeyboardInterrupt:
        print(f"{program}: interrupted; what it started is stopped", file=sys.stderr)
        return _INTERRUPTED


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
