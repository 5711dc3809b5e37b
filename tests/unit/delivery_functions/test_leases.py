import json

import pytest
from tests.unit.delivery_functions.delivering import Delivering

from awskit.delivery.budget import Budget
from awskit.delivery.leases import result_or_lease
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError

KEY = "r1/a/live/b"


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def budget(self, seconds: float) -> Budget:
        return Budget(deadline=self.seconds + seconds, clock=self, wait=self.wait)


def nothing() -> str | None:
    return None


def test_the_first_gets_the_lease_and_gives_it_back(delivering: Delivering) -> None:
    clock = Clock()
    with result_or_lease(KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, now=clock) as found:
        assert found is None
        assert delivering.stored("l1/") == [f"l1/{KEY}"]
    assert delivering.stored("l1/") == []
    assert clock.waits == []


def test_a_lease_is_given_back_when_making_fails(delivering: Delivering) -> None:
    clock = Clock()

    def make() -> None:
        with result_or_lease(KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, now=clock):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make()
    assert delivering.stored("l1/") == []


def test_the_second_waits_for_the_result(delivering: Delivering) -> None:
    clock = Clock()
    looks = [None, None, None, "result"]
    with (
        result_or_lease(KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, now=clock),
        result_or_lease(
            KEY, bucket=delivering.results, budget=clock.budget(5), find=lambda: looks.pop(0), now=clock
        ) as found,
    ):
        assert found == "result"
    assert clock.waits == [0.05, 0.1, 0.2]


def test_a_request_that_waited_all_its_time_is_refused_as_busy(delivering: Delivering) -> None:
    clock = Clock()
    second = result_or_lease(KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, now=clock)
    with (
        result_or_lease(KEY, bucket=delivering.results, budget=clock.budget(25), find=nothing, now=clock),
        pytest.raises(RequestRefusedError) as refused,
        second,
    ):
        pass
    assert refused.value.refusal is Refusal.BUSY
    assert sum(clock.waits) <= 5
    assert delivering.stored("l1/") == []


def test_a_lease_whose_holder_ended_is_taken_over_when_it_expires(delivering: Delivering) -> None:
    clock = Clock()
    _leave_lease(delivering, expires=clock() + 2)
    with result_or_lease(KEY, bucket=delivering.results, budget=clock.budget(25), find=nothing, now=clock) as found:
        assert found is None
        assert 2 <= sum(clock.waits) < 4
    assert delivering.stored("l1/") == []


def test_a_holder_that_is_late_leaves_the_lease_of_who_took_it_over(delivering: Delivering) -> None:
    clock = Clock()
    with result_or_lease(KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, now=clock):
        _leave_lease(delivering, expires=clock() + 100)
    assert delivering.stored("l1/") == [f"l1/{KEY}"]


def _leave_lease(delivering: Delivering, *, expires: float) -> None:
    body = json.dumps({"holder": "gone", "expires": expires}).encode()
    delivering.emulator.endpoints.s3.put_object(Bucket=delivering.results, Key=f"l1/{KEY}", Body=body)
