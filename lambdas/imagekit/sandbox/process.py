"""What runs in a worker process: it performs tasks on one file after the other, within limits, until its input ends.

A forked child performs all tasks on a file and ends with it. A decoder that reads memory it never wrote therefore finds
nothing of another file there: not on the heap, not on the stack, not in the state of a library.

Messages: the modules to import, then a task and the file; an answer; then another task and an answer, any number of
times; and an empty message, with which the child ends. The worker answers that one with an empty message when the child
has ended well, so that what breaks after the last answer counts for its own file.
"""

import gc
import json
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, NoReturn

from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox.framing import receive, send
from imagekit.sandbox.memory import memory_bounded
from imagekit.sandbox.processor import processor_bounded

MAX_ANSWER_BYTES = 268_435_456
"""The most bytes that all files of a result may have together: an incompressible PNG of 89 megapixels."""

_NO_LIMIT = 2**63
_MAX_PREPARATION_BYTES = 1024
# A child's exit status after it has answered. No library is known to exit with it.
_ANSWERED = 113


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker has to do with a file.

    `use`: the function to call with the file's bytes and the arguments, as `module:name`. It returns findings that JSON
    can hold, and files.
    `arguments`: Keyword arguments that pickle can hold.
    `max_memory`: the most bytes of address space.
    `max_seconds`: the most processor seconds, to within a second.
    `imports`: names of modules that the worker imports before it forks for the first task on a file, so that later
    files need not. The task handles a module that cannot be imported. Default: none.
    """

    use: str
    arguments: Mapping[str, Any]
    max_memory: int
    max_seconds: int
    imports: Sequence[str] = ()


def serve(uses: Sequence[str]) -> None:
    """Read tasks from standard input, and write each result to standard output.

    `uses`: names of modules to import before the first task.
    """
    # What a decoder prints must not mix with the results. The sender of the tasks may end at any time.
    with (
        suppress(EOFError, BrokenPipeError),
        # Unbuffered: the child reads what follows a task's imports. These are short, so they arrive in one piece.
        os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) as tasks,
        os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers,
    ):
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # A terminal interrupts all processes that it runs. The sender of the tasks ends this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in uses:
            __import__(name)
        send(answers)
        while True:
            for module in receive(tasks, max_bytes=_MAX_PREPARATION_BYTES):
                with suppress(Exception):
                    __import__(module.decode())
            # The collector would write to memory that the child shares, and so copy it.
            gc.freeze()
            _in_a_child(partial(_serve_file, tasks, answers=answers))
            send(answers)


def _in_a_child(do: Callable[[], None]) -> None:
    try:
        child = os.fork()
    except OSError:
        # The system cannot start another process. That is not the file's fault, so end as if killed from outside.
        traceback.print_exc()
        os.kill(os.getpid(), signal.SIGKILL)
        raise
    if child == 0:
        _end_after(do)
    _, ended = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(ended)
    if status == _ANSWERED:
        return
    # The sender of the task waits for this process. Ending in the same way tells it how the child ended.
    if status < 0:
        os.kill(os.getpid(), -status)
    os._exit(max(status, 0))


def _end_after(do: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        do()
        status = _ANSWERED
    except (EOFError, BrokenPipeError):
        status = 0
    except BaseException:
        traceback.print_exc()
    # Skips the exit handlers that the worker registered.
    os._exit(status)


def _serve_file(tasks: IO[bytes], *, answers: IO[bytes]) -> None:
    # An unbuffered read would allocate memory for the whole file each time. Nothing follows the file before an answer.
    with os.fdopen(os.dup(tasks.fileno()), "rb") as buffered:
        described, data = receive(buffered, max_bytes=_NO_LIMIT)
    waiting: Sequence[bytes] = [described]
    while waiting:
        # The sender started this process, so it is trusted. It never unpickles results, which come from a process that
        # may have read a hostile file.
        task: Task = pickle.loads(waiting[0])  # noqa: S301
        findings, files = _perform(task, data=data)
        send(answers, json.dumps(findings, default=str).encode(), *files)
        waiting = receive(tasks, max_bytes=_NO_LIMIT)


def _perform(task: Task, *, data: bytes) -> tuple[Mapping[str, object], Sequence[bytes]]:
    use = _find(task.use)
    try:
        with memory_bounded(task.max_memory), processor_bounded(task.max_seconds):
            findings, files = use(data, **task.arguments)
    except ImageRejected as rejection:
        return {"rejected": rejection.reason, "detail": rejection.detail}, []
    except MemoryError:
        return {"rejected": ImageFault.IMAGE_TOO_LARGE, "detail": {"maxMemoryBytes": task.max_memory}}, []
    except Exception:
        # Decoder errors have already become rejections, so this is a bug in Safelight.
        return {"failed": traceback.format_exc()}, []
    if sum(map(len, files)) > MAX_ANSWER_BYTES:
        return {"rejected": ImageFault.IMAGE_TOO_LARGE, "detail": {"maxAnswerBytes": MAX_ANSWER_BYTES}}, []
    return {"found": findings}, files


def _find(use: str) -> Callable[..., tuple[object, Sequence[bytes]]]:
    module, _, name = use.partition(":")
    found: Callable[..., tuple[object, Sequence[bytes]]] = getattr(__import__(module, fromlist=[name]), name)
    return found
