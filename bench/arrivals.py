"""A discrete-event simulation of one busy hour of v5: arrivals, quotas, retries and outcomes.

Each image passes the states that `bench.cost.path` reads from the definition, and waits and retries as the definition
says. A quota is a token bucket, or a number of concurrent executions.
"""

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

SECONDS_OF_HOUR = 3600
# EventBridge retries for 24 hours with backoff and jitter, and does not publish its waits. These are assumed.
DELIVERY_SECONDS, DELIVERY_MAX_SECONDS, DELIVERY_ATTEMPTS = 1.0, 300.0, 185


class Service(Enum):
    """What one stage of an image asks for."""

    START = auto()
    STATE = auto()
    FUNCTION = auto()
    REKOGNITION = auto()


@dataclass(frozen=True, kw_only=True)
class Retrier:
    """How the definition retries a throttled task: seconds, attempts after the first, and full jitter."""

    interval: float
    backoff: float
    max_delay: float
    max_attempts: int

    def delay(self, attempt: int, *, chance: random.Random) -> float:
        """Draw the wait before retry number ``attempt``, which begins at 0."""
        return chance.uniform(0, min(self.interval * self.backoff**attempt, self.max_delay))


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One state of the path: the seconds that it takes, and its retries. A choice takes no time and has none."""

    service: Service
    seconds: float
    retrier: Retrier | None = None


DELIVERY = Stage(
    service=Service.START,
    seconds=0.1,
    retrier=Retrier(
        interval=DELIVERY_SECONDS, backoff=2, max_delay=DELIVERY_MAX_SECONDS, max_attempts=DELIVERY_ATTEMPTS
    ),
)


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """Account quotas of one region.

    Parameters
    ----------
    start_bucket, start_rate
        ``StartExecution`` of Standard workflows: bucket, and refill per second.
    transition_bucket, transition_rate
        State transitions of Standard workflows: bucket, and refill per second.
    concurrency
        Concurrent executions of Lambda functions.
    rekognition
        Calls of one Rekognition operation per second.
    """

    start_bucket: float
    start_rate: float
    transition_bucket: float
    transition_rate: float
    concurrency: float
    rekognition: float

    def share(self, part: float) -> "Quotas":
        """Return the quotas that a sample of the images has, so that a part of them shows what all of them meet."""
        return Quotas(**{name: max(value * part, 1e-9) for name, value in vars(self).items()})


@dataclass
class _Bucket:
    size: float
    rate: float
    tokens: float = 0.0
    at: float = 0.0

    def __post_init__(self) -> None:
        # A sample's bucket holds one token at least: a request is never a part of one.
        self.size = max(self.size, 1.0)
        self.tokens = self.size

    def _refill(self, now: float) -> None:
        if now > self.at:
            self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
            self.at = now

    def take(self, now: float) -> bool:
        """Take a token. Return whether there was one."""
        self._refill(now)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def reserve(self, now: float) -> float:
        """Take a token that may still have to arrive, and return the seconds until then."""
        self._refill(now)
        self.tokens -= 1
        return max(0.0, -self.tokens / self.rate)


@dataclass
class Hour:
    """What happened to the images of an hour.

    Parameters
    ----------
    seconds
        The time to the outcome of each published image, in ascending order.
    failed
        Images that ended as FAILED, because a retrier had no attempts left.
    refused
        Requests that were throttled, by service.
    transitions, invocations
        State transitions and Lambda invocations, retries included.
    """

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    refused: dict[Service, int] = field(default_factory=lambda: dict.fromkeys(Service, 0))
    transitions: int = 0
    invocations: int = 0

    @property
    def images(self) -> int:
        """The images of the sample."""
        return len(self.seconds) + self.failed

    def quantile(self, part: float) -> float:
        """Return the time to outcome that this part of the published images did not exceed, or NaN without any."""
        return self.seconds[min(int(part * len(self.seconds)), len(self.seconds) - 1)] if self.seconds else float("nan")


def simulate(arrivals: Sequence[float], *, stages: Sequence[Stage], quotas: Quotas, chance: random.Random) -> Hour:
    """Let images arrive at their times, in seconds, and follow each to its outcome.

    The start and a throttled task are retried. A throttled transition waits: Step Functions delays it.
    """
    return _Simulation(stages=stages, quotas=quotas, chance=chance).run(arrivals)


@dataclass
class _Simulation:
    stages: Sequence[Stage]
    quotas: Quotas
    chance: random.Random
    hour: Hour = field(default_factory=Hour)

    def __post_init__(self) -> None:
        quotas = self.quotas
        self.starts = _Bucket(quotas.start_bucket, quotas.start_rate)
        self.transitions = _Bucket(quotas.transition_bucket, quotas.transition_rate)
        self.rekognition = _Bucket(quotas.rekognition, quotas.rekognition)
        self.ends: list[float] = []

    def run(self, arrivals: Sequence[float]) -> Hour:
        """Process the events of all images in order of time."""
        # Each event: when, arrival, stage, attempt of the stage.
        events = [(arrival, arrival, 0, 0) for arrival in arrivals]
        heapq.heapify(events)
        while events:
            now, arrival, number, attempt = heapq.heappop(events)
            if number == len(self.stages):
                self.hour.seconds.append(now - arrival)
                continue
            after = self._pass(self.stages[number], now=now, attempt=attempt)
            if after is None:
                self.hour.failed += 1
            else:
                done, seconds = after
                heapq.heappush(
                    events,
                    (now + seconds, arrival, number + 1, 0) if done else (now + seconds, arrival, number, attempt + 1),
                )
        self.hour.seconds.sort()
        return self.hour

    def _pass(self, stage: Stage, *, now: float, attempt: int) -> tuple[bool, float] | None:
        """Return whether the stage passed and the seconds until the next event, or ``None`` if no attempt is left."""
        if stage.service is Service.START:
            return (True, stage.seconds) if self.starts.take(now) else self._retry(stage, stage.service, attempt)
        wait = self.transitions.reserve(now)
        self.hour.transitions += 1
        self.hour.refused[Service.STATE] += wait > 0
        if stage.service is Service.STATE:
            return True, wait + stage.seconds
        while self.ends and self.ends[0] <= now:
            heapq.heappop(self.ends)
        if len(self.ends) >= max(self.quotas.concurrency, 1):
            return self._retry(stage, Service.FUNCTION, attempt)
        heapq.heappush(self.ends, now + wait + stage.seconds)
        self.hour.invocations += 1
        # The SDK tries a throttled call twice, and the second try has little more chance than the first.
        if stage.service is Service.REKOGNITION and not self.rekognition.take(now):
            return self._retry(stage, stage.service, attempt)
        return True, wait + stage.seconds

    def _retry(self, stage: Stage, service: Service, attempt: int) -> tuple[bool, float] | None:
        self.hour.refused[service] += 1
        assert stage.retrier is not None  # noqa: S101
        if attempt >= stage.retrier.max_attempts:
            return None
        return False, stage.retrier.delay(attempt, chance=self.chance)


def arrivals_of_hour(*, images: float, burst: float, part: float, chance: random.Random) -> list[float]:
    """Draw the times of a Poisson process over an hour, and of a burst in its first minute.

    Parameters
    ----------
    images
        Expected images of the hour, without the burst.
    burst
        Expected images of the burst.
    part
        The share of the images that the sample draws.
    """
    times: list[float] = []
    for expected, seconds in ((images, SECONDS_OF_HOUR), (burst, 60)):
        now = 0.0
        rate = expected * part / seconds
        while rate > 0 and (now := now + chance.expovariate(rate)) < seconds:
            times.append(now)
    return sorted(times)


def rates(stages: Sequence[Stage]) -> Mapping[Service, int]:
    """Count the requests of one published image by service, without retries."""
    states = [stage for stage in stages if stage.service is not Service.START]
    return {
        Service.START: 1,
        Service.STATE: len(states),
        Service.FUNCTION: sum(stage.service in (Service.FUNCTION, Service.REKOGNITION) for stage in states),
        Service.REKOGNITION: sum(stage.service is Service.REKOGNITION for stage in states),
    }
