"""Doing several things of which each may fail."""

from collections.abc import Callable, Iterable

from awskit.logs import logger


def do_each(works: Iterable[Callable[[], None]]) -> None:
    """Do each of several things. One that fails does not keep the others from being done.

    Raises
    ------
    ExceptionGroup
        When some failed. All others are done.
    """
    failures = []
    for work in works:
        try:
            work()
        except Exception as failure:
            logger().exception("Not swept")
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} were not swept", failures)
