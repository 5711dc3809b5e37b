"""What runs in a worker process: it does one task after the other, within limits, until nobody sends any more.

Each task is done in a child: a copy of the worker, which has read no file and ends with the task. So no decoder finds
anything of another file, in whatever memory it forgets to write: heap, stack, or what a library keeps for itself.
"""

import gc
import json
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, NoReturn

from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox.framing import receive, send
from imagekit.sandbox.memory import memory_bounded

MAX_ANSWER_BYTES = 268_435_456
"""The most that a worker answers with, all files together: a PNG of 89 megapixels that cannot be compressed."""

_NO_LIMIT = 2**63
_MAX_PREPARATION_BYTES = 1024
# A child's exit status after a task is answered. No library is known to exit with it.
_ANSWERED = 113


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker is to do with a file.

    Attributes
    ----------
    use
        Where the function is that is called with the file's bytes and the arguments, as `module:name`. It gives its
        findings, which JSON can hold, and files.
    arguments
        Keyword arguments for it, which pickle can hold.
    max_memory
        Bytes of addresses that it may take.
    max_seconds
        Processor seconds that it may take; up to one more is given.
    imports
        Names of modules that the worker imports before it copies itself, if it has not yet, so that no later task takes
        time for it. None when left out. A module that cannot be imported is left to the task.
    """

    use: str
    arguments: Mapping[str, Any]
    max_memory: int
    max_seconds: int
    imports: Sequence[str] = ()


def serve(uses: Sequence[str]) -> None:
    """Do tasks that come by standard input, and answer each by standard output.

    Parameters
    ----------
    uses
        Names of modules that are imported at once, before the first task comes.
    """
    # What a decoder prints must not get among the answers. Who sends the tasks may end at any time.
    with (
        suppress(EOFError, BrokenPipeError),
        # Unbuffered: what follows a task's imports is for the child to read. They come in one piece, as they are short.
        os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) as tasks,
        os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers,
    ):
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # A terminal interrupts all that it runs, and who sends the tasks ends this process too.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in uses:
            __import__(name)
        send(answers)
        while True:
            for module in receive(tasks, max_bytes=_MAX_PREPARATION_BYTES):
                with suppress(Exception):
                    __import__(module.decode())
            # A child would copy what the collector writes to.
            gc.freeze()
            _in_a_child(partial(_serve_one, tasks, answers=answers))


def _in_a_child(do: Callable[[], None]) -> None:
    try:
        child = os.fork()
    except OSError:
        # The system has no room for another process, which is no fault of the file: an end from outside says so.
        traceback.print_exc()
        os.kill(os.getpid(), signal.SIGKILL)
        raise
    if child == 0:
        _end_after(do)
    _, ended = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(ended)
    if status == _ANSWERED:
        return
    # Who sent the task waits for this process, and learns from its end how the child ended.
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
    # Without what the worker has registered for its own end.
    os._exit(status)


def _serve_one(tasks: IO[bytes], *, answers: IO[bytes]) -> None:
    # A read without a buffer would set memory aside for the whole file each time.
    with os.fdopen(os.dup(tasks.fileno()), "rb") as buffered:
        described, data = receive(buffered, max_bytes=_NO_LIMIT)
    # Who sends tasks has started this process. What goes back is never unpickled: it is of who has read a hostile file.
    task: Task = pickle.loads(described)  # noqa: S301
    findings, files = _perform(task, data=data)
    send(answers, json.dumps(findings, default=str).encode(), *files)


def _perform(task: Task, *, data: bytes) -> tuple[Mapping[str, object], Sequence[bytes]]:
    use = _find(task.use)
    try:
        with memory_bounded(task.max_memory), _processor_bounded(task.max_seconds):
            findings, files = use(data, **task.arguments)
    except ImageRejected as rejection:
        return {"rejected": rejection.reason, "detail": rejection.detail}, []
    except MemoryError:
        return {"rejected": ImageFault.IMAGE_TOO_LARGE, "detail": {"maxMemoryBytes": task.max_memory}}, []
    except Exception:
        # Decoders' own errors are rejections by now: this one is a mistake of ours.
        return {"failed": traceback.format_exc()}, []
    if sum(map(len, files)) > MAX_ANSWER_BYTES:
        return {"rejected": ImageFault.IMAGE_TOO_LARGE, "detail": {"maxAnswerBytes": MAX_ANSWER_BYTES}}, []
    return {"found": findings}, files


def _find(use: str) -> Callable[..., tuple[object, Sequence[bytes]]]:
    module, _, name = use.partition(":")
    found: Callable[..., tuple[object, Sequence[bytes]]] = getattr(__import__(module, fromlist=[name]), name)
    return found


@contextmanager
def _processor_bounded(seconds: int) -> Iterator[None]:
    # Seconds of the processor, not of the clock: that a machine is busy is no fault of the file.
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
