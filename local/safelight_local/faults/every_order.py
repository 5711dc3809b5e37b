"""Runs every order of things side by side."""

from concurrent.futures import ThreadPoolExecutor

from safelight_local.faults.orders import orders
from safelight_local.faults.run import Row
from safelight_local.faults.standing import standing
from safelight_local.faults.stops import stops
from safelight_local.faults.world import World


def run_orders(world: World) -> list[Row]:
    """Run them.

    Parameters
    ----------
    world : World
        The deployment.

    Returns
    -------
    list[Row]
        A row for each execution that is looked at.
    """
    runs = [*orders(), *standing(), *stops()]
    with ThreadPoolExecutor(len(runs)) as pool:
        made = pool.map(lambda numbered: numbered[1](world, f"order-{numbered[0]:03}"), enumerate(runs))
        return [row for rows in made for row in rows]
