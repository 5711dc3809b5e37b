"""A worker that is kept from one file to the next, and replaced once a file has ended it."""

import atexit
from collections.abc import Sequence

from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Answer, Worker

MAX_WORKER_BYTES = 1_500_000_000
"""The most memory that a worker may take for a file, in bytes. With 1,769 MB (1,855 million bytes), what is left is for
both interpreters and for the file, which both have."""


class PersistentWorker:
    """At most one worker at a time, which ends with this process. It is not for several threads at once.

    Parameters
    ----------
    uses
        Names of modules that it imports at once.
    """

    def __init__(self, *, uses: Sequence[str]) -> None:
        self._uses = uses
        self._worker: Worker | None = None
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """The number of its process; None where it has not been started, or has ended."""
        return None if self._worker is None or self._worker.has_ended else self._worker.pid

    def start(self) -> Worker:
        """Start it, if there is none, without waiting for it: what is done meanwhile hides its start."""
        if self._worker is None or self._worker.has_ended:
            self._worker = Worker(uses=self._uses)
        return self._worker

    def perform(self, task: Task, *, data: bytes) -> Answer:
        """Have a task done with a file, as `Worker.perform` says."""
        return self.start().perform(task, data=data)

    def close(self) -> None:
        """End it, whatever it is about; the next file has another."""
        if self._worker is not None:
            self._worker.close()
