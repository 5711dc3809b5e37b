"""Keep the calls of Rekognition under a quota of calls per second, which all functions of an account share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Pace:
    """Spaces calls evenly. Each attempt of a call counts, also those that the SDK makes by itself.

    Parameters
    ----------
    per_second
        The most calls per second.
    clock
        Returns seconds. Default: the monotonic clock.
    wait
        Waits for a number of seconds. Default: `time.sleep`.
    """

    per_second: float
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    _next: float = field(default=0.0, init=False)

    def keep(self, **_: object) -> None:
        """Wait until the next call may be made. This is a handler of the SDK's event `before-send`."""
        now = self.clock()
        if now < self._next:
            self.wait(self._next - now)
        self._next = max(now, self._next) + 1 / self.per_second


def pace_calls(client: Any, *, pace: Pace) -> None:
    """Space all calls that a client makes. Registering the same pace again has no effect."""
    client.meta.events.register("before-send", pace.keep, unique_id="safelight-pace")
