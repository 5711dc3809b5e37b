"""A bound on memory around native code that believes a file about how much it needs."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def memory_bounded(extra: int) -> Iterator[None]:
    """Have the system refuse memory to this process beyond what it has and so much more; on Linux alone.

    It holds for all threads of the process, of which one at a time may use this.

    Parameters
    ----------
    extra
        Bytes of addresses. What threads set aside for themselves counts, whether it is used or not.
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
