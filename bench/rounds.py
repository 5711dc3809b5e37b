"""Timing: ways of doing one thing take turns on one core, and the median of each counts.

What else the machine does then slows all ways alike, and ratios hold where milliseconds do not.
"""

import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Way = Callable[[], float]
"""Does the thing once and gives the seconds that it took."""


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
        start = perf_counter()
        result = do()
        seconds = perf_counter() - start
        del result
        return seconds

    return way


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
