"""A worker that is kept from one file to the next, and replaced after a crash."""

import atexit
from collections.abc import Sequence
from contextlib import AbstractContextManager

from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Answer, Perform, Worker

MAX_WORKER_BYTES = 1_500_000_000
"""The most memory that a worker may use for a file, in bytes. A function with 1,769 MB (1,855 million bytes) has the
rest for both interpreters and for both copies of the file."""


class PersistentWorker:
    """A worker process that is started when needed and ends with this process. Not thread-safe.

    `uses`: names of modules that it imports when it starts.
    """

    def __init__(self, *, uses: Sequence[str]) -> None:
        self._uses = uses
        self._worker: Worker | None = None
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """The process id; None if the worker has not started or has ended."""
        return None if self._worker is None or self._worker.has_ended else self._worker.pid

    def start(self) -> Worker:
        """Start the worker if there is none, without waiting for it, so that other work can hide its start-up time."""
        if self._worker is None or self._worker.has_ended:
            self._worker = Worker(uses=self._uses)
        return self._worker

    def perform(self, task: Task, *, data: bytes) -> Answer:
        """Perform a task on a file: see `Worker.perform`."""
        return self.start().perform(task, data=data)

    def opened(self, data: bytes) -> AbstractContextManager[Perform]:
        """Perform tasks on a file in one child: see `Worker.opened`."""
        return self.start().opened(data)

    def close(self) -> None:
        """End the worker, even during a task. The next file gets a new one."""
        if self._worker is not None:
            self._worker.close()
