"""Runs all event orderings in parallel."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tools.fault_lab.event_ordering import EventOrdering, event_orderings
from tools.fault_lab.lab import FaultLab
from tools.fault_lab.run import Row
from tools.fault_lab.standing import standing
from tools.fault_lab.stops import stops


def every_event_ordering() -> list[EventOrdering]:
    """List all event orderings."""
    return [*event_orderings(), *standing(), *stops()]


def run_event_orderings(lab: FaultLab, *, orderings: Sequence[EventOrdering], done: Callable[[Row], None]) -> list[Row]:
    """Run event orderings in parallel.

    `done`: Gets each row, once all before it are known.

    Returns a row for each execution that is looked at, in their order.
    """
    rows = []
    with ThreadPoolExecutor(len(orderings) or 1) as pool:
        made = pool.map(lambda numbered: numbered[1](lab, f"ordering-{numbered[0]:03}"), enumerate(orderings))
        for row in (row for some in made for row in some):
            rows.append(row)
            done(row)
    return rows
