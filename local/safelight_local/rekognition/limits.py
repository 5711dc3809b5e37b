"""Limits the calls per second, as Rekognition's quotas do.

The quotas: https://docs.aws.amazon.com/general/latest/gr/rekognition.html. They hold for each operation of an
account on its own, and so does this limit.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any

_MEMBER = "callsPerSecond"


class InvalidLimitError(ValueError):
    """A limit is invalid. The message says how to write it."""


class CallLimit:
    """A token bucket for each operation. It is thread-safe.

    A bucket starts full, holds the calls of one second (one call at least), fills evenly, and a call takes one.

    `calls_per_second`: 0 answers no call; None answers all.
    `clock`: Tells seconds, from any beginning on.
    """

    def __init__(self, calls_per_second: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.change(calls_per_second)

    def change(self, calls_per_second: float | None) -> None:
        """Change the limit. All buckets are full then."""
        with self._lock:
            self._rate = calls_per_second
            self._buckets: dict[str, tuple[float, float]] = {}

    def source(self) -> dict[str, float | None]:
        """Return the limit as JSON."""
        return {_MEMBER: self._rate}

    def admits(self, operation: str) -> bool:
        """Take a token for a call. False if there is none: the call is throttled."""
        with self._lock:
            if self._rate is None:
                return True
            if self._rate == 0:
                return False
            now, full = self._clock(), max(1.0, self._rate)
            tokens, since = self._buckets.get(operation, (full, now))
            tokens = min(full, tokens + (now - since) * self._rate)
            admitted = tokens >= 1
            self._buckets[operation] = (tokens - admitted, now)
            return admitted


def parse_limit(source: Any) -> float | None:
    """Parse a limit from JSON: ``{"callsPerSecond": 5}``, or null for none.

    Raises InvalidLimitError if it is not written like that, or is negative or not finite.
    """
    if not isinstance(source, dict) or source.keys() != {_MEMBER}:
        raise InvalidLimitError(f"a limit is a JSON object with `{_MEMBER}` and nothing else")
    rate = source[_MEMBER]
    if rate is None:
        return None
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        raise InvalidLimitError(f"`{_MEMBER}` is a number from 0 on, or null for no limit")
    return validate_rate(rate)


def validate_rate(rate: float) -> float:
    """Validate a number of calls per second.

    Raises InvalidLimitError if it is negative or not finite.
    """
    if not math.isfinite(rate) or rate < 0:
        raise InvalidLimitError("a limit is a number from 0 on")
    return rate
