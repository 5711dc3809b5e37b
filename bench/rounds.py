"""Timing: the compared methods take turns on one core, and the median of each counts.

The time is processor time of all threads. On one core, with everything in memory, it equals the elapsed time if nothing
else runs on that core. If something else runs, the elapsed time includes it. Other load still slows all methods
equally, so the ratios hold even if the milliseconds do not.
"""

import gc
import os
import resource
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time

# Several decoded photographs of 24 megapixels.
_BYTES_IN_USE = 400_000_000

Way = Callable[[], float]
"""Runs the method once and returns its processor seconds."""


@dataclass(frozen=True, kw_only=True)
class Medians:
    """The median of each method.

    Attributes
    ----------
    seconds
        By the name of the method.
    """

    seconds: dict[str, float]

    def ms(self, way: str) -> float:
        """Return the median of a method in milliseconds."""
        return 1000 * self.seconds[way]

    def ratio(self, way: str, *, to: str) -> float:
        """Return the time of a method divided by the time of another."""
        return self.seconds[way] / self.seconds[to]


def pin_to_one_core() -> None:
    """Pin this process, and the processes that it starts, to one core if the system supports it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def timed(do: Callable[[], object]) -> Way:
    """Make a method that runs in this process.

    Parameters
    ----------
    do
        Runs it once. Its result is discarded after the time is taken.
    """

    def way() -> float:
        start = process_time()
        result = do()
        seconds = process_time() - start
        del result
        return seconds

    return way


def timed_command(*command: str) -> Way:
    """Make a method that runs a command and discards its output. The time includes the start of the process."""

    def way() -> float:
        before = _seconds_of_children()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
        return _seconds_of_children() - before

    return way


def _use_memory() -> None:
    """Use as much memory as a method does, and free it.

    A virtual machine can give memory that nobody has used for a while back to its host. To get it again takes as long
    as a fast method, and the method after a slow one would pay for it.
    """
    bytearray(b"1") * _BYTES_IN_USE


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def take_turns(ways: Mapping[str, Way], *, rounds: int) -> Medians:
    """Run each method once per round, after a warm-up round that does not count.

    Parameters
    ----------
    ways
        By name. Each round begins with another method.
    rounds
        Number of rounds that count.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            _use_memory()
            seconds = ways[name]()
            if number > 0:
                taken[name].append(seconds)
    return Medians(seconds={name: median(seconds) for name, seconds in taken.items()})
