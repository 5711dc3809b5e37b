"""A burst of uploads while Rekognition throttles: all get an outcome, and their retries spread."""

import io
import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image
from tools.fault_lab.lab import KEEPING, FaultLab
from tools.fault_lab.scenarios import JPEG

from safelight_contracts.records import Status
from safelight_local.aws.executions import RUNNING
from safelight_local.aws.records import seed_place

CALLS_PER_SECOND = 5

_OPERATION = "DetectModerationLabels"
_UPLOADING = 16
_SIDE = 720
_WINDOW = 10
_SECONDS = 3600.0
_REPORT_SECONDS = 15.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Burst:
    """The results of a burst.

    `outcomes`: Records by status.
    `executions`: Executions by status.
    `seconds`: from the first upload to the last outcome.
    `calls_a_second`: Number of calls in each second, from the first to the last.
    """

    outcomes: Counter[str]
    executions: Counter[str]
    seconds: float
    answered: int
    throttled: int
    calls_a_second: list[int]

    @property
    def nothing_failed(self) -> bool:
        """Whether each upload is published or rejected."""
        return self.outcomes.keys() <= {Status.PUBLISHED, Status.REJECTED} and self.executions.keys() == {"SUCCEEDED"}


def run_burst(lab: FaultLab, *, uploads: int, progress: Callable[[str], None]) -> Burst:
    """Upload so many images at once and wait for all outcomes.

    Rekognition first refuses as many calls as there are uploads, and then answers a few calls per second. Otherwise,
    on a slow machine, the calls could be too slow to reach the limit.

    `uploads`: Number of images.
    `progress`: called with a line of progress now and then.
    """
    place = "burst"
    seed_place(lab.aws, workflow=lab.workflows[KEEPING], place_id=place, place_type=JPEG.place_type, name="Burst")
    lab.ask_rekognition("PUT", "/_safelight/limits", {"callsPerSecond": 0})
    photograph = _photograph(lab)
    since = reported = time.monotonic()
    with ThreadPoolExecutor(_UPLOADING) as pool:
        list(pool.map(lambda number: lab.upload(KEEPING, key=f"{place}/{number}.jpg", body=photograph), range(uploads)))
    _wait_until_refused(lab, calls=uploads, until=since + _SECONDS)
    lab.ask_rekognition("PUT", "/_safelight/limits", {"callsPerSecond": CALLS_PER_SECOND})
    while (statuses := lab.statuses(KEEPING))[RUNNING] or statuses.total() < uploads:
        if time.monotonic() - since > _SECONDS:
            break
        if time.monotonic() - reported > _REPORT_SECONDS:
            reported = time.monotonic()
            progress(f"{reported - since:.0f} s: {dict(statuses)}")
        time.sleep(1)
    seconds = time.monotonic() - since
    calls = lab.ask_rekognition("GET", "/_safelight/calls")[_OPERATION]
    return Burst(
        outcomes=lab.outcomes(KEEPING),
        executions=statuses,
        seconds=seconds,
        answered=calls["answered"],
        throttled=calls["throttled"],
        calls_a_second=_by_second(calls["timestamps"]),
    )


def _wait_until_refused(lab: FaultLab, *, calls: int, until: float) -> None:
    while time.monotonic() < until:
        known = lab.ask_rekognition("GET", "/_safelight/calls")
        if known.get(_OPERATION, {}).get("throttled", 0) >= calls:
            return
        time.sleep(_POLL_SECONDS)


def _photograph(lab: FaultLab) -> bytes:
    """Make a minimal image: the burst tests waiting, not image processing."""
    encoded = io.BytesIO()
    Image.open(lab.samples.odd_name).resize((_SIDE, _SIDE)).save(encoded, "JPEG")
    return encoded.getvalue()


def _by_second(timestamps: list[int]) -> list[int]:
    seconds = [timestamp // 1000 for timestamp in timestamps]
    counted = Counter(seconds)
    return [counted[second] for second in range(min(seconds), max(seconds) + 1)]


def describe_burst(burst: Burst) -> str:
    """Write the results of a burst in Markdown."""
    spread = burst.calls_a_second
    percentiles = statistics.quantiles(spread, n=20)
    outcomes = ", ".join(f"{count} {status}" for status, count in sorted(burst.outcomes.items()))
    means = [statistics.mean(spread[at : at + _WINDOW]) for at in range(0, len(spread), _WINDOW)]
    return (
        f"- Uploads: {burst.executions.total()}; outcomes: {outcomes}, none FAILED.\n"
        if burst.nothing_failed
        else f"- Uploads: {burst.executions.total()}; outcomes: {outcomes}; executions: {dict(burst.executions)}.\n"
    ) + (
        f"- Rekognition refused every call until it had refused {burst.executions.total()}.\n"
        f"- From the first upload to the last outcome: {burst.seconds:.0f} s. At {CALLS_PER_SECOND} calls per second, "
        f"the answered calls take at least {burst.answered / CALLS_PER_SECOND:.0f} s.\n"
        f"- Calls of Rekognition: {burst.answered} answered, {burst.throttled} throttled.\n"
        f"- Calls per second: median {statistics.median(spread):.0f}, 95th percentile {percentiles[-1]:.0f}, "
        f"maximum {max(spread)}.\n"
        f"- Calls per second, as the mean of each {_WINDOW} s: {', '.join(f'{mean:.0f}' for mean in means)}.\n"
    )
