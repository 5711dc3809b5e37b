"""Runs all orders of events in parallel."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tools.fault_lab.event_ordering import Order, event_orderings
from tools.fault_lab.lab import FaultLab
from tools.fault_lab.run import Row
from tools.fault_lab.standing import standing
from tools.fault_lab.stops import stops


def every_order() -> list[Order]:
    """List all orders."""
    return [*event_orderings(), *standing(), *stops()]


def run_orders(lab: FaultLab, *, orders: Sequence[Order], done: Callable[[Row], None]) -> list[Row]:
    """Run orders in parallel.

    Parameters
    ----------
    lab : FaultLab
        The deployment.
    orders : Sequence[Order]
        What to run.
    done : Callable[[Row], None]
        Gets each row, once all before it are known.

    Returns
    -------
    list[Row]
        A row for each execution that is looked at, in their order.
    """
    rows = []
    with ThreadPoolExecutor(len(orders) or 1) as pool:
        made = pool.map(lambda numbered: numbered[1](lab, f"order-{numbered[0]:03}"), enumerate(orders))
        for row in (row for some in made for row in some):
            rows.append(row)
            done(row)
    return rows
