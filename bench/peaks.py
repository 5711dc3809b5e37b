"""The peak memory of a process and of those that it starts, watched from outside."""

import time
from collections.abc import Callable
from pathlib import Path

_PROC = Path("/proc")
# Short against the time that an image takes. A process keeps its own peak, so only what it reaches in this time before
# its end is missed.
_INTERVAL_SECONDS = 0.004


def peak_mib(process: int, *, has_ended: Callable[[], bool]) -> float:
    """Watch a process until it has ended, and return its peak memory and that of its largest descendant, in MiB.

    A worker shares its memory with the child that it forks for a file, so the child's memory includes the worker's.
    Memory that is shared with the process itself counts twice. Linux only: elsewhere, the result is 0.

    Parameters
    ----------
    process
        Its process id.
    has_ended
        Returns whether it has ended.
    """
    peaks: dict[int, int] = {}
    while not has_ended():
        for found in (process, *_descendants(process)):
            peaks[found] = max(peaks.get(found, 0), _peak_kib(found))
        time.sleep(_INTERVAL_SECONDS)
    own = peaks.pop(process, 0)
    return (own + max(peaks.values(), default=0)) / 1024


def _descendants(process: int) -> list[int]:
    children = []
    for task in _PROC.glob(f"{process}/task/*/children"):
        try:
            children += [int(child) for child in task.read_text().split()]
        except OSError:
            continue  # It has ended in the meantime.
    return children + [found for child in children for found in _descendants(child)]


def _peak_kib(process: int) -> int:
    try:
        lines = (_PROC / str(process) / "status").read_text().splitlines()
    except OSError:
        return 0
    # A process that has ended and is not yet waited for has none.
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
