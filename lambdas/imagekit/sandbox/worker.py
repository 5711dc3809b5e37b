"""A process that decodes files instead of this one, so that a hostile file can crash only that process.

A child of the worker handles each file, so it has seen no other file. The system limits its memory and processor time.
It can keep what it has decoded for the next task on the same file.
It has no environment variables of this process, and so no credentials. Its results are read as plain bytes and JSON.
"""

import json
import os
import pickle
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer
from typing import IO, Any

from imagekit.rejection import ImageFault, ImageRejected, unreadable
from imagekit.sandbox.framing import receive, send
from imagekit.sandbox.process import MAX_ANSWER_BYTES, Task
from imagekit.sandbox.starting import CRASHES, environment, python_command

# The heap of a child grows by 8 MB at a time, not by 132 KB: a tenth less system time for a file.
_IN_LARGE_STEPS = {"MALLOC_TOP_PAD_": "8000000"}
_MAX_FINDINGS_BYTES = 1024 * 1024
_STANDSTILL_SECONDS = 15
_INVALID = "the worker's response is invalid"
_START = "from imagekit.sandbox.process import serve; serve({uses!r})"


class WorkerFailedError(Exception):
    """A worker failed, and the file is not known to be the cause."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The result of a task: findings and files."""

    findings: Any
    files: Sequence[bytes]


Perform = Callable[[Task], Answer]
"""Performs a task on a file that is open: see `Worker.perform`."""


class Worker:
    """A process that performs one task at a time. It ends when you close it, or when this process ends.

    `uses`: names of modules that it imports when it starts.
    `standstill_seconds`: how long, beyond a task's processor seconds, to wait before the worker counts as hung.
    Default: 15.
    """

    def __init__(self, *, uses: Sequence[str], standstill_seconds: float = _STANDSTILL_SECONDS) -> None:
        self._standstill_seconds = standstill_seconds
        self._ready = False
        self._is_open = False
        self._process = subprocess.Popen(  # noqa: S603
            python_command(_START.format(uses=list(uses))),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment() | _IN_LARGE_STEPS,
            # A process group of its own, so that its child ends with it.
            process_group=0,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process, even during a task."""
        self._is_open = False
        self._kill()
        self._process.communicate()

    def perform(self, task: Task, *, data: bytes) -> Answer:
        """Perform a task on a whole file.

        Raises ImageRejected: what the task raises; `UNREADABLE_IMAGE` if the file crashes a decoder; `IMAGE_TOO_LARGE`
        if it needs more memory or processor time than the task allows, or if the result is too large. Raises
        WorkerFailedError: the task raised any other exception, whose traceback is the message; or the worker hung, or
        was killed from outside, for example by a system that is out of memory. In the last two cases the worker has
        ended.
        """
        with self.opened(data) as perform:
            return perform(task)

    @contextmanager
    def opened(self, data: bytes) -> Iterator[Perform]:
        """Perform tasks on a whole file in one child. Meanwhile the worker handles no other file.

        The limits hold for each task. A task can follow one that rejected the file.

        Raises ImageRejected or WorkerFailedError at the end, too, as for `perform`: what breaks after the last answer
        may have spoiled it. Raises RuntimeError if another file is open.
        """
        if self._is_open:
            raise RuntimeError("The worker handles one file at a time, and another one is open.")
        last: Task | None = None

        def perform(task: Task) -> Answer:
            nonlocal last
            last = task
            return self._answered(task, file=[] if self._is_open else [data])

        try:
            yield perform
        except BaseException:
            with suppress(ImageRejected, WorkerFailedError):
                self._end_child(last)
            raise
        self._end_child(last)

    def _answered(self, task: Task, *, file: Sequence[bytes]) -> Answer:
        """Send a task, with the file if the child has none, and receive the answer."""
        described = pickle.dumps(task)
        self._await_start()
        with self._in_step(task):
            if file:
                send(_pipe(self._process.stdin), *(name.encode() for name in task.imports))
            self._is_open = True
            send(_pipe(self._process.stdin), described, *file)
            head, *files = receive(_pipe(self._process.stdout), max_bytes=_MAX_FINDINGS_BYTES + MAX_ANSWER_BYTES)
            findings = json.loads(head)
        try:
            return _understood(findings, files=files)
        except (LookupError, TypeError, ValueError) as error:
            self.close()
            raise WorkerFailedError(_INVALID) from error

    def _end_child(self, last: Task | None) -> None:
        """Let the child of an open file end, and wait until it has. `last`: its last task."""
        if not self._is_open or last is None:
            return
        with self._in_step(last):
            send(_pipe(self._process.stdin))
            if receive(_pipe(self._process.stdout), max_bytes=0):
                raise ValueError("more than one answer")
        self._is_open = False

    @contextmanager
    def _in_step(self, task: Task) -> Iterator[None]:
        """End the worker if a message is not sent or received as a whole: what is left of it is no other file's."""
        standstill = Timer(task.max_seconds + self._standstill_seconds, self._kill)
        standstill.start()
        try:
            yield
        except (EOFError, BrokenPipeError):
            raise self._reason_for_its_end(task) from None
        except (ValueError, RecursionError) as error:
            self.close()
            raise WorkerFailedError(_INVALID) from error
        except BaseException:
            self.close()
            raise
        finally:
            standstill.cancel()

    def _kill(self) -> None:
        # After it has ended, another process may get its id.
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _await_start(self) -> None:
        if self._ready:
            return
        try:
            receive(_pipe(self._process.stdout), max_bytes=0)
        except EOFError:
            self.close()
            raise WorkerFailedError("the worker did not start: see its output above in the log") from None
        self._ready = True

    def _reason_for_its_end(self, task: Task) -> Exception:
        status = self._process.wait()
        self.close()
        if -status == signal.SIGXCPU:
            return ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={"maxSeconds": task.max_seconds})
        if -status in CRASHES or status >= 0:
            # A library that exits gave up on the file.
            return unreadable("the file crashes its decoder")
        return WorkerFailedError(f"the worker hung or was killed: {signal.Signals(-status).name}")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - both were asked for
    return stream


def _understood(findings: Mapping[str, Any], *, files: Sequence[bytes]) -> Answer:
    if "rejected" in findings:
        raise ImageRejected(ImageFault(findings["rejected"]), detail=findings["detail"])
    if "failed" in findings:
        raise WorkerFailedError(findings["failed"])
    return Answer(findings=findings["found"], files=files)
