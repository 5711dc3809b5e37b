"""The time that a request may take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError

SECONDS = 25.0
"""How long a request may take. CloudFront waits 30 s for an origin by default."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What is left of a request's time.

    Parameters
    ----------
    deadline
        When the time is over, by the clock.
    clock
        Returns seconds. Default: the monotonic clock.
    wait
        Waits for a number of seconds. Default: `time.sleep`.
    """

    deadline: float
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep

    @property
    def remaining(self) -> float:
        """Seconds, at least 0."""
        return max(0.0, self.deadline - self.clock())

    def require(self, seconds: float) -> None:
        """Refuse the request if fewer seconds are left.

        Raises
        ------
        RequestRefusedError
            `TIMEOUT`.
        """
        if self.remaining < seconds:
            raise timeout()


def timeout() -> RequestRefusedError:
    """Return the refusal of an image that takes too long."""
    return RequestRefusedError(Refusal.TIMEOUT, "The image took too long to make. Ask for a smaller one.")


def new_budget() -> Budget:
    """Return the budget of a request that begins now."""
    return Budget(deadline=time.monotonic() + SECONDS)
