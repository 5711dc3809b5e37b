"""Run several tasks, each of which may fail."""

from collections.abc import Callable, Iterable

from awskit.logs import logger


def run_all(tasks: Iterable[Callable[[], None]]) -> None:
    """Run each of several tasks. A task that fails does not stop the others.

    Raises ExceptionGroup if some tasks failed. All others are done.
    """
    failures = []
    for task in tasks:
        try:
            task()
        except Exception as failure:
            logger().exception("Sweep task failed")
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} sweep tasks failed", failures)
