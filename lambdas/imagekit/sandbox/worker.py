"""A process that decodes in place of this one, so that a file can end it, and nothing more.

It is started once, kept, and replaced when a file has ended it. Each file is decoded in a child of it, which has seen
no other file. It is held to memory and processor time by the system, has none of this process's environment, so no
credentials, and what it answers is read as plain bytes and JSON.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Timer
from typing import IO, Any

from imagekit.rejection import ImageFault, ImageRejected, unreadable
from imagekit.sandbox.framing import receive, send
from imagekit.sandbox.process import MAX_ANSWER_BYTES, Task

# What a decoder breaks by, and what the C library and the C++ runtime end a process with that is broken.
_CRASHES = {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGTRAP, signal.SIGFPE, signal.SIGABRT}
# What the C library and Python need; nothing else of the environment is handed on.
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
# An arena of glibc's takes 64 MB of addresses, and a thread of OpenBLAS's 32 MB, whether they are used or not.
_THRIFTY = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
_MAX_FINDINGS_BYTES = 1024 * 1024
_STANDSTILL_SECONDS = 15
_START = "import sys; sys.path[:] = {path!r}; from imagekit.sandbox.process import serve; serve({uses!r})"


class WorkerFailedError(Exception):
    """Raised where a worker fails and no file is known to be at fault."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a task: findings, and files."""

    findings: Any
    files: Sequence[bytes]


class Worker:
    """A process that does one task at a time. It ends when it is closed, or when this process does.

    Parameters
    ----------
    uses
        Names of modules that it imports at once.
    standstill_seconds
        Seconds of the clock beside a task's processor seconds after which it is taken to stand still. 15 when left out.
    """

    def __init__(self, *, uses: Sequence[str], standstill_seconds: float = _STANDSTILL_SECONDS) -> None:
        self._standstill_seconds = standstill_seconds
        self._ready = False
        path = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100 - '' is this folder
        # Isolated and without site: the path is given, and it starts sooner.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", "-W", "ignore", "-c", _START.format(path=path, uses=list(uses))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | _THRIFTY,
            # Of its own, so that its child is ended with it.
            process_group=0,
        )

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is of no more use."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End it, whatever it is about."""
        self._kill()
        self._process.communicate()

    def perform(self, task: Task, *, data: bytes) -> Answer:
        """Have a task done with a file.

        Parameters
        ----------
        task
            What to do.
        data
            The whole file.

        Raises
        ------
        ImageRejected
            What the task raises of it; `UNREADABLE_IMAGE` when it breaks a decoder; `IMAGE_TOO_LARGE` when it takes
            more memory or processor seconds than the task says, or when what comes of it is too large.
        WorkerFailedError
            When the task raises any other exception, whose traceback is the message; when the worker stands still, or
            is ended from outside, as by a system that has no more memory. After the latter two it has ended.
        """
        described = pickle.dumps(task)
        self._await_start()
        standstill = Timer(task.max_seconds + self._standstill_seconds, self._kill)
        standstill.start()
        try:
            send(_pipe(self._process.stdin), *(name.encode() for name in task.imports))
            send(_pipe(self._process.stdin), described, data)
            head, *files = receive(_pipe(self._process.stdout), max_bytes=_MAX_FINDINGS_BYTES + MAX_ANSWER_BYTES)
            return _understood(json.loads(head), files=files)
        except (EOFError, BrokenPipeError):
            raise self._reason_for_its_end(task) from None
        except ValueError as error:
            self.close()
            raise WorkerFailedError("the worker's answer makes no sense") from error
        finally:
            standstill.cancel()

    def _kill(self) -> None:
        # Its number may be another process's once it has ended.
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _await_start(self) -> None:
        if self._ready:
            return
        try:
            receive(_pipe(self._process.stdout), max_bytes=0)
        except EOFError:
            self.close()
            raise WorkerFailedError("the worker did not start; its own words stand above in the log") from None
        self._ready = True

    def _reason_for_its_end(self, task: Task) -> Exception:
        status = self._process.wait()
        self.close()
        if -status == signal.SIGXCPU:
            return ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={"maxSeconds": task.max_seconds})
        if -status in _CRASHES or status >= 0:
            # A library that exits has given up on the file.
            return unreadable("it breaks its decoder")
        return WorkerFailedError(f"the worker stood still, or was ended from outside: {signal.Signals(-status).name}")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - both were asked for
    return stream


def _understood(findings: Mapping[str, Any], *, files: Sequence[bytes]) -> Answer:
    if "rejected" in findings:
        raise ImageRejected(ImageFault(findings["rejected"]), detail=findings["detail"])
    if "failed" in findings:
        raise WorkerFailedError(findings["failed"])
    return Answer(findings=findings["found"], files=files)
