"""Timing: ways of doing one thing take turns on one core, and the median of each counts.

What is taken is processor time, of all threads. On one core, and with everything in memory, it is as long by the clock
when nothing else runs there; when something does, the clock has that in it. What else the machine does still slows all
ways alike, so that ratios hold where milliseconds do not.
"""

import gc
import os
import resource
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time

Way = Callable[[], float]
"""Does the thing once and gives the processor seconds that it took."""


@dataclass(frozen=True, kw_only=True)
class Medians:
    """The median of each way.

    Attributes
    ----------
    seconds
        By the way's name.
    """

    seconds: dict[str, float]

    def ms(self, way: str) -> float:
        """Give a way's median in milliseconds."""
        return 1000 * self.seconds[way]

    def ratio(self, way: str, *, to: str) -> float:
        """Tell how many times what another way takes a way takes."""
        return self.seconds[way] / self.seconds[to]


def pin_to_one_core() -> None:
    """Keep this process, and all that it starts from now on, on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def timed(do: Callable[[], object]) -> Way:
    """Make a way of something that is done in this process.

    Parameters
    ----------
    do
        Does it once. What it gives is dropped when the time is taken.
    """

    def way() -> float:
        start = process_time()
        result = do()
        seconds = process_time() - start
        del result
        return seconds

    return way


def timed_command(*command: str) -> Way:
    """Make a way of a command whose output nobody wants; its start counts too."""

    def way() -> float:
        before = _seconds_of_children()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
        return _seconds_of_children() - before

    return way


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def take_turns(ways: Mapping[str, Way], *, rounds: int) -> Medians:
    """Do each way once a round, after a first round that does not count.

    Parameters
    ----------
    ways
        By name. Each round begins with another one.
    rounds
        How many rounds count.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            seconds = ways[name]()
            if number > 0:
                taken[name].append(seconds)
    return Medians(seconds={name: median(seconds) for name, seconds in taken.items()})
