"""A memory limit for native code that trusts a file about how much memory it needs."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def memory_bounded(extra: int) -> Iterator[None]:
    """Limit the memory of this process to what it has now plus `extra` bytes. Does nothing except on Linux.

    The limit is for all threads of the process. Only one thread at a time may use this.

    `extra`: bytes of address space. What threads reserve counts, whether they use it or not.
    """
    if sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    bound = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (bound if soft == resource.RLIM_INFINITY else min(soft, bound), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
