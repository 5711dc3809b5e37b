import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path

import pytest
from tests.unit.robustness import hostile
from tests.unit.robustness.engine import RENDITIONS, outcomes_in_worker, outcomes_of
from tests.unit.robustness.samples import SAMPLES, flipped, truncated

from imagekit.decoding.limits import inspect
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox import images
from imagekit.sandbox.images import render_in_sandbox
from imagekit.sandbox.worker import Worker
from safelight_contracts.limits import Limits

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells how much memory a process has")


@pytest.fixture
def worker_pid() -> Callable[[], int]:
    """Return the number of the kept worker's process."""

    def pid() -> int:
        images.worker.start()
        found = images.worker.pid
        assert found is not None
        return found

    return pid


@pytest.mark.parametrize("name", SAMPLES)
def test_the_worker_gives_the_same_bytes_as_this_process(name: str) -> None:
    assert outcomes_in_worker(SAMPLES[name]) == outcomes_of(SAMPLES[name])


@pytest.mark.thorough
@pytest.mark.parametrize("name", SAMPLES)
def test_a_broken_file_gives_the_same_in_the_worker(name: str) -> None:
    for broken, data in islice(chain(truncated(SAMPLES[name], places=12), flipped(SAMPLES[name], count=12)), 6, None):
        assert outcomes_in_worker(data) == outcomes_of(data), broken


def test_a_file_that_codes_far_more_pixels_than_it_declares_is_rejected() -> None:
    outcomes = outcomes_in_worker(hostile.avif_coded_larger_than_it_says())
    assert outcomes["renditions"] in set(ImageFault)
    assert outcomes["prepared"] in set(ImageFault)


def test_a_file_that_takes_too_long_is_too_large_and_the_next_one_is_processed(
    monkeypatch: pytest.MonkeyPatch, worker_pid: Callable[[], int]
) -> None:
    # A busy machine takes its time, which is not what is looked at here.
    monkeypatch.setattr("imagekit.sandbox.persistent_worker.Worker", partial(Worker, standstill_seconds=300))
    images.worker.close()
    data = SAMPLES["JPEG"]
    header = inspect(data, limits=Limits())
    first = worker_pid()
    # A fake decoder that never ends: how long a real file takes depends on the machine.
    with monkeypatch.context() as patched:
        patched.setattr("imagekit.sandbox.images._USES", "tests.unit.robustness.fake_decoders")
        with pytest.raises(ImageRejected) as raised:
            render_in_sandbox(data, header=header, renditions=RENDITIONS, limits=Limits(max_seconds=1))
    assert raised.value.reason is ImageFault.IMAGE_TOO_LARGE
    assert raised.value.detail == {"maxSeconds": 1}
    assert outcomes_in_worker(data) == outcomes_of(data)
    assert worker_pid() != first


def test_a_worker_that_was_killed_between_two_files_is_replaced(worker_pid: Callable[[], int]) -> None:
    outcomes_in_worker(SAMPLES["JPEG"])
    first = worker_pid()
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert outcomes_in_worker(SAMPLES["JPEG"]) == outcomes_of(SAMPLES["JPEG"])
    assert worker_pid() != first


@ON_LINUX
@pytest.mark.thorough
def test_200_files_leave_no_data_in_the_worker(worker_pid: Callable[[], int]) -> None:
    def memory() -> int:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{worker_pid()}/status").read_text().splitlines())
        return int(status["VmSize"].split()[0]) * 1024

    files = [*SAMPLES.values(), *(data[: len(data) // 2] for data in SAMPLES.values())]
    for data in files:
        outcomes_in_worker(data)
    before, first = memory(), worker_pid()
    for data in islice(cycle(files), 200):
        outcomes_in_worker(data)
    assert worker_pid() == first
    assert memory() - before < 16_000_000
