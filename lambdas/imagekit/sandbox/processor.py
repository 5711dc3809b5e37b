"""A limit of processor time for what a process does with one file."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def processor_bounded(seconds: int) -> Iterator[None]:
    """Let the system end this process by SIGXCPU when it has used that many more seconds of processor time.

    It is not wall-clock time: a busy machine is not the file's fault.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
