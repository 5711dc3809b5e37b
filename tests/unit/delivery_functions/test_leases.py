import json
from contextlib import suppress

import pytest
from tests.unit.delivery_functions.delivering import Delivering

from awskit.delivery.budget import Budget
from awskit.delivery.leases import Lease, result_or_lease, shared_refusals
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


def current() -> str:
    return "the source"


DAMAGED = RequestRefusedError(Refusal.DAMAGED, "The image is damaged.")


def test_the_first_gets_the_lease_and_gives_it_back(delivering: Delivering) -> None:
    clock = Clock()
    with result_or_lease(
        KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, fingerprint=current, now=clock
    ) as found:
        assert isinstance(found, Lease)
        assert delivering.stored("l1/") == [f"l1/{KEY}"]
    assert delivering.stored("l1/") == []
    assert clock.waits == []


def test_a_lease_is_given_back_when_making_fails(delivering: Delivering) -> None:
    clock = Clock()

    def make() -> None:
        with result_or_lease(
            KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, fingerprint=current, now=clock
        ):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make()
    assert delivering.stored("l1/") == []


def test_the_second_waits_for_the_result(delivering: Delivering) -> None:
    clock = Clock()
    looks = [None, None, None, "result"]
    with (
        result_or_lease(
            KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, fingerprint=current, now=clock
        ),
        result_or_lease(
            KEY,
            bucket=delivering.results,
            budget=clock.budget(5),
            find=lambda: looks.pop(0),
            fingerprint=current,
            now=clock,
        ) as found,
    ):
        assert found == "result"
    assert clock.waits == [0.05, 0.1, 0.2]


def test_a_request_that_waited_all_its_time_is_refused_as_busy(delivering: Delivering) -> None:
    clock = Clock()
    second = result_or_lease(
        KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, fingerprint=current, now=clock
    )
    with (
        result_or_lease(
            KEY, bucket=delivering.results, budget=clock.budget(25), find=nothing, fingerprint=current, now=clock
        ),
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
    with result_or_lease(
        KEY, bucket=delivering.results, budget=clock.budget(25), find=nothing, fingerprint=current, now=clock
    ) as found:
        assert isinstance(found, Lease)
        assert 2 <= sum(clock.waits) < 4
    assert delivering.stored("l1/") == []


def test_a_holder_that_is_late_leaves_the_lease_of_who_took_it_over(delivering: Delivering) -> None:
    clock = Clock()
    with result_or_lease(
        KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, fingerprint=current, now=clock
    ):
        _leave_lease(delivering, expires=clock() + 100)
    assert delivering.stored("l1/") == [f"l1/{KEY}"]


def test_who_waits_is_refused_as_the_first_because_the_source_is_at_fault(delivering: Delivering) -> None:
    clock = Clock()
    _refuse(delivering, clock, refused=DAMAGED)
    assert _ask(delivering, clock) is Refusal.DAMAGED
    assert clock.waits == []


def test_a_refusal_is_shared_for_a_few_seconds(delivering: Delivering) -> None:
    clock = Clock()
    _refuse(delivering, clock, refused=DAMAGED)
    clock.wait(2)
    assert _ask(delivering, clock) is Refusal.DAMAGED
    clock.wait(2)
    assert _ask(delivering, clock) is None
    assert delivering.stored("l1/") == []


def test_a_refusal_of_another_source_does_not_count(delivering: Delivering) -> None:
    clock = Clock()
    _refuse(delivering, clock, refused=DAMAGED)
    assert _ask(delivering, clock, fingerprint="a new source") is None


@pytest.mark.parametrize("refusal", [it for it in Refusal if it.status >= 500])
def test_a_refusal_that_another_attempt_may_not_get_is_not_shared(delivering: Delivering, refusal: Refusal) -> None:
    clock = Clock()
    _refuse(delivering, clock, refused=RequestRefusedError(refusal, "Try again."))
    assert delivering.stored("l1/") == []


def test_a_holder_that_is_late_does_not_refuse_who_took_its_lease_over(delivering: Delivering) -> None:
    clock = Clock()
    with (
        suppress(RequestRefusedError),
        result_or_lease(
            KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, fingerprint=current, now=clock
        ) as lease,
    ):
        assert isinstance(lease, Lease)
        with shared_refusals(lease, bucket=delivering.results, fingerprint=current(), now=clock):
            _leave_lease(delivering, expires=clock() + 2)
            raise DAMAGED
    assert _ask(delivering, clock) is None
    assert sum(clock.waits) >= 2


def _refuse(delivering: Delivering, clock: Clock, *, refused: RequestRefusedError) -> None:
    """Hold the lease, and be refused."""
    with (
        suppress(RequestRefusedError),
        result_or_lease(
            KEY, bucket=delivering.results, budget=clock.budget(5), find=nothing, fingerprint=current, now=clock
        ) as lease,
    ):
        assert isinstance(lease, Lease)
        with shared_refusals(lease, bucket=delivering.results, fingerprint=current(), now=clock):
            raise refused


def _ask(delivering: Delivering, clock: Clock, *, fingerprint: str = "the source") -> Refusal | None:
    """Return why a request is refused that finds no result. ``None`` if it may make the result."""
    try:
        with result_or_lease(
            KEY,
            bucket=delivering.results,
            budget=clock.budget(5),
            find=nothing,
            fingerprint=lambda: fingerprint,
            now=clock,
        ) as lease:
            assert isinstance(lease, Lease)
            return None
    except RequestRefusedError as refused:
        return refused.refusal


def _leave_lease(delivering: Delivering, *, expires: float) -> None:
    body = json.dumps({"holder": "gone", "expires": expires}).encode()
    delivering.emulator.endpoints.s3.put_object(Bucket=delivering.results, Key=f"l1/{KEY}", Body=body)
