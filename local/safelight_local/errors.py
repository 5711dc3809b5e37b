"""Errors for the user, and the exit codes of programs."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from safelight_local.visible_text import visible

_USER_ERROR = 2
_INTERRUPTED = 130


class UserError(Exception):
    """An error that the user can correct. Its message is one line that says what to do."""


def exit_code_of(action: Callable[[], int], *, program: str) -> int:
    """Run a program's main action, and turn errors and interruptions into exit codes.

    `action`: what the program does. It returns the exit code.
    `program`: the name that begins each line on standard error.

    Returns the action's exit code; 2 after a `UserError`, whose message is printed as one line; 130 after Ctrl-C or
    SIGTERM, with the message of `when_interrupted`, else ``interrupted.``.
    """
    # SIGTERM raises an exception as Ctrl-C does, so that `finally` blocks stop what was started.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return action()
    except UserError as error:
        print(f"{program}: {visible(str(error))}", file=sys.stderr)
        return _USER_ERROR
    except KeyboardInterrupt as error:
        print(f"{program}: {' '.join(map(str, error.args)) or 'interrupted.'}", file=sys.stderr)
        return _INTERRUPTED


@contextmanager
def when_interrupted(message: str) -> Iterator[None]:
    """Give Ctrl-C and SIGTERM in a ``with`` block a message.

    Raises KeyboardInterrupt with the message, when the block is interrupted.
    """
    try:
        yield
    except KeyboardInterrupt as interruption:
        raise KeyboardInterrupt(message) from interruption


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
