"""A burst that Rekognition throttles, on a clock of its own: all are answered, and none come back in step."""

import heapq
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.statemachines.definitions import WORKFLOWS, read, states

from safelight_local.emulator.patches.retry_waits import seconds_to_wait
from safelight_local.rekognition.limits import CallLimit

THROTTLED = "ThrottlingException"
UPLOADS = 60
CALLS_PER_SECOND = 5

Retrier = dict[str, Any]


def _retriers() -> Iterator[Any]:
    for path in WORKFLOWS:
        for name, state in states(read(path), "Task").items():
            for retrier in state.get("Retry", []):
                if THROTTLED in retrier["ErrorEquals"]:
                    yield pytest.param(retrier, id=f"{path.name.partition('.')[0]} {name}")


RETRIERS = list(_retriers())


@pytest.fixture(autouse=True)
def same_chance() -> None:
    random.seed(0)


@dataclass
class Clock:
    now: float = 0.0


def burst(retrier: Retrier) -> tuple[list[float], int]:
    """The times of all calls of uploads that begin at once, and how many uploads gave up."""
    clock = Clock()
    limit = CallLimit(CALLS_PER_SECOND, clock=lambda: clock.now)
    waiting = [(0.0, number, 0) for number in range(UPLOADS)]
    calls, given_up = [], 0
    while waiting:
        clock.now, number, retries = heapq.heappop(waiting)
        calls.append(clock.now)
        if limit.admits("DetectModerationLabels"):
            continue
        if retries == retrier["MaxAttempts"]:
            given_up += 1
        else:
            again = clock.now + seconds_to_wait(retrier, retries=retries)
            heapq.heappush(waiting, (again, number, retries + 1))
    return calls, given_up


def share_of_empty_seconds(calls: list[float]) -> float:
    """How many of the seconds of the first half of a burst have no call."""
    half = int(calls[-1] / 2) + 1
    counted = Counter(int(call) for call in calls)
    return sum(counted[second] == 0 for second in range(half)) / half


@pytest.mark.parametrize("retrier", RETRIERS)
def test_every_upload_is_retried_until_it_succeeds(retrier: Retrier) -> None:
    assert burst(retrier)[1] == 0


@pytest.mark.parametrize("retrier", RETRIERS)
def test_calls_are_spread_over_the_seconds(retrier: Retrier) -> None:
    calls, _ = burst(retrier)
    assert share_of_empty_seconds(calls) < 3 / 4
    # Nobody calls at the moment at which another does, but at the very beginning.
    assert len(set(calls)) == len(calls) - (UPLOADS - 1)


@pytest.mark.parametrize("retrier", RETRIERS)
def test_without_jitter_a_herd_would_come_back(retrier: Retrier) -> None:
    calls, _ = burst({**retrier, "JitterStrategy": "NONE"})
    assert share_of_empty_seconds(calls) > 3 / 4
    assert len(set(calls)) < len(calls) / 4
