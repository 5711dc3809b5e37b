"""Counts the calls of each operation, with their results and times."""

from __future__ import annotations

import enum
import threading
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

OPERATIONS = ("DetectFaces", "DetectLabels", "DetectModerationLabels", "DetectText")
"""The operations that the stand-in answers."""

THROTTLING_ERRORS = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException"})

_MOST_TIMESTAMPS = 100_000


class CallOutcome(enum.Enum):
    """How a call ended."""

    ANSWERED = "answered"
    THROTTLED = "throttled"
    REFUSED = "refused"


class CallLog:
    """The calls since the start. It is thread-safe."""

    def __init__(self, operations: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[CallOutcome]] = {operation: Counter() for operation in operations}
        self._timestamps: dict[str, deque[int]] = {
            operation: deque(maxlen=_MOST_TIMESTAMPS) for operation in self._counts
        }

    def add(self, operation: str, *, came_at: int, error: str | None) -> None:
        """Count a call, unless its operation is not known.

        `operation`: such as ``DetectLabels``.
        `came_at`: when the request came, in milliseconds since 1970.
        `error`: the code of the error that it ended with, by a fixture or not; None when it was answered.
        """
        if operation not in self._counts:
            return
        with self._lock:
            self._counts[operation][_outcome(error)] += 1
            self._timestamps[operation].append(came_at)

    def summary(self) -> dict[str, dict[str, Any]]:
        """Return the counts as JSON, by operation, with when the last 100,000 calls came, the oldest first."""
        with self._lock:
            return {
                operation: {
                    **{outcome.value: counts[outcome] for outcome in CallOutcome},
                    "timestamps": sorted(self._timestamps[operation]),
                }
                for operation, counts in self._counts.items()
            }


def _outcome(error: str | None) -> CallOutcome:
    if error is None:
        return CallOutcome.ANSWERED
    return CallOutcome.THROTTLED if error in THROTTLING_ERRORS else CallOutcome.REFUSED
