"""What runs in a worker process: it does one task after the other, within limits, until nobody sends any more."""

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
from typing import IO, Any

from imagekit.memory import memory_bounded
from imagekit.messages import receive, send
from imagekit.rejection import ImageFault, ImageRejected

MAX_ANSWER_BYTES = 268_435_456
"""The most that a worker answers with, all files together: a PNG of 89 megapixels that cannot be compressed."""

_NO_LIMIT = 2**63


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
    """

    use: str
    arguments: Mapping[str, Any]
    max_memory: int
    max_seconds: int


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
            _serve_one(sys.stdin.buffer, answers=answers)


def _serve_one(tasks: IO[bytes], *, answers: IO[bytes]) -> None:
    described, data = receive(tasks, max_bytes=_NO_LIMIT)
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
