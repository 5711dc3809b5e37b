"""The emulator waits between retries as a state says, which is what spreads a burst."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from safelight_local.emulator.patches.retry_waits import seconds_to_wait

RETRIER = {"IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 20, "MaxDelaySeconds": 120}


@given(st.integers(min_value=0, max_value=19))
def test_full_jitter_waits_for_anything_up_to_the_wait_without_jitter(retries: int) -> None:
    wait = seconds_to_wait({**RETRIER, "JitterStrategy": "FULL"}, retries=retries)
    assert 0 <= wait <= min(2.0**retries, 120)


@given(st.integers(min_value=0, max_value=19))
def test_without_jitter_the_wait_doubles_up_to_the_longest(retries: int) -> None:
    assert seconds_to_wait(RETRIER, retries=retries) == min(2.0**retries, 120)


def test_a_hundred_retries_at_once_come_back_at_a_hundred_times() -> None:
    retrier: dict[str, Any] = {**RETRIER, "JitterStrategy": "FULL"}
    assert len({seconds_to_wait(retrier, retries=5) for _ in range(100)}) > 90


def test_a_retrier_without_settings_waits_for_the_asl_default() -> None:
    assert [seconds_to_wait({}, retries=retries) for retries in range(3)] == [1, 2, 4]
