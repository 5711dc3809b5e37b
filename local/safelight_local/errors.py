"""Errors for the user, and the exit codes of programs."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from safelight_local.visible_text import visible

_USER_ERROR = 2
_INTERRUPTED = 130
# A shell reports this of a program that SIGPIPE has ended: 128, and the number of the signal.
_PIPE_CLOSED = 141


class UserError(Exception):
    """An error that the user can correct. Its message is one line that says what to do."""


class NothingDeployedError(UserError):
    """No workflow is deployed. While ``up`` is at work, that is because it has not ended."""


def exit_code_of(action: Callable[[], int], *, program: str) -> int:
    """Run a program's main action, and turn errors and interruptions into exit codes.

    `action`: what the program does. It returns the exit code.
    `program`: the name that begins each line on standard error.

    Returns the action's exit code; 2 after a `UserError`, whose message is printed as one line; 130 after Ctrl-C or
    SIGTERM, with the message of `when_interrupted`, else ``interrupted.``; 141, without a message, when nobody reads
    the output any longer, as in ``safelight logs | head``.
    """
    # SIGTERM raises an exception as Ctrl-C does, so that `finally` blocks stop what was started.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = _reported(action, program)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return _PIPE_CLOSED
    return code


def _reported(action: Callable[[], int], program: str) -> int:
    try:
        return action()
    except UserError as error:
        print(f"{program}: {visible(str(error))}", file=sys.stderr)
        return _USER_ERROR
    except KeyboardInterrupt as error:
        print(f"{program}: {' '.join(map(str, error.args)) or 'interrupted.'}", file=sys.stderr)
        return _INTERRUPTED


def _discard_output() -> None:
    # Python flushes both when it ends, and would report the closed pipe.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


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
