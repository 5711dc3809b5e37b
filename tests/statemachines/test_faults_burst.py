"""Sixty uploads at once while Rekognition answers five calls a second: all are waited out, none come back in step."""

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight_local.faults.burst import Burst, run_burst
from safelight_local.faults.world import running_world

ROOT = Path(__file__).parents[2]
UPLOADS = 60


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Burst]:
    folder = tmp_path_factory.mktemp("burst")
    with running_world(folder, project=ROOT, environments=8, progress=lambda _: None) as world:
        yield run_burst(world, uploads=UPLOADS, progress=lambda _: None)


def test_every_upload_of_a_throttled_burst_has_its_outcome_and_none_failed(burst: Burst) -> None:
    assert burst.outcomes == {"PUBLISHED": UPLOADS}
    assert burst.executions == {"SUCCEEDED": UPLOADS}


def test_a_burst_is_throttled_at_all(burst: Burst) -> None:
    assert burst.answered == UPLOADS
    assert burst.throttled > 0


def test_retries_of_a_burst_are_spread_over_the_seconds(burst: Burst) -> None:
    busy = [calls for calls in burst.calls_a_second if calls]
    assert max(busy) <= 5 * statistics.median(busy)
    # A herd would leave whole seconds without a call between its visits, from the very beginning.
    first_half = burst.calls_a_second[: len(burst.calls_a_second) // 2]
    assert sum(calls == 0 for calls in first_half) < len(first_half) / 2
