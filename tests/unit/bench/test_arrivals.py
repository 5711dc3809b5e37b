"""The simulation behind docs/explanation/scale.md."""

import random

import pytest
from bench.arrivals import DELIVERY, Hour, Quotas, Retrier, Service, Stage, arrivals_of_hour, simulate
from hypothesis import given
from hypothesis import strategies as st

RETRIER = Retrier(interval=1, backoff=2, max_delay=8, max_attempts=4)
MODERATE = Stage(service=Service.REKOGNITION, seconds=0.5, retrier=RETRIER)
STAGES = [DELIVERY, Stage(service=Service.STATE, seconds=0.1), MODERATE]
ALONE = DELIVERY.seconds + 0.1 + 0.5
ENOUGH = Quotas(
    start_bucket=1e6, start_rate=1e6, transition_bucket=1e6, transition_rate=1e6, concurrency=1e6, rekognition=1e6
)


def run(arrivals: list[float], **quotas: float) -> Hour:
    return simulate(
        arrivals,
        stages=STAGES,
        quotas=Quotas(**(vars(ENOUGH) | quotas)),
        chance=random.Random(1),  # noqa: S311
    )


def test_an_image_takes_the_time_of_its_states_without_quotas() -> None:
    hour = run([0.0, 1.0, 1.0])
    assert hour.seconds == pytest.approx([ALONE] * 3)
    assert (hour.failed, hour.transitions, hour.invocations) == (0, 6, 3)


@pytest.mark.parametrize(
    ("quota", "service"),
    [("rekognition", Service.REKOGNITION), ("concurrency", Service.FUNCTION), ("transition_rate", Service.STATE)],
)
def test_a_low_quota_throttles_its_service_and_delays_images(quota: str, service: Service) -> None:
    hour = run([0.0] * 8, **{quota: 2.0, "transition_bucket": 1.0 if quota == "transition_rate" else 1e6})
    assert hour.refused[service] > 0
    assert hour.quantile(0.99) > ALONE


def test_an_image_without_remaining_retries_has_failed() -> None:
    hour = run([0.0] * 50, rekognition=1.0)
    assert hour.failed > 0
    assert hour.images == 50


def test_an_event_waits_for_a_start_and_is_not_lost() -> None:
    hour = run([0.0] * 100, start_bucket=10.0, start_rate=1.0)
    assert (len(hour.seconds), hour.failed) == (100, 0)


@given(
    arrivals=st.lists(st.floats(0, 60), max_size=60),
    rekognition=st.floats(0.5, 20),
    concurrency=st.floats(1, 20),
    start_rate=st.floats(0.5, 20),
)
def test_every_image_has_one_outcome(
    arrivals: list[float], rekognition: float, concurrency: float, start_rate: float
) -> None:
    hour = run(arrivals, rekognition=rekognition, concurrency=concurrency, start_rate=start_rate)
    assert hour.images == len(arrivals)
    assert all(seconds >= ALONE - 1e-6 for seconds in hour.seconds)


def test_a_sample_has_its_share_of_the_hour_and_of_the_burst() -> None:
    times = arrivals_of_hour(images=36_000, burst=6_000, part=0.5, chance=random.Random(2))  # noqa: S311
    assert len(times) == pytest.approx(21_000, rel=0.03)
    assert sum(time < 60 for time in times) == pytest.approx(3_300, rel=0.1)
