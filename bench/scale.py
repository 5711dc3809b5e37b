"""Cost and time to outcome from a hundred to a billion images a month, simulated: `python -m bench.scale`.

It simulates the busiest hour of the month for v5 as Standard, with the default quotas of a large region and with raised
ones, and writes the tables into docs/explanation/scale.md and the picture into docs/images/scale.svg. Nothing here was
measured on AWS. What is read from the project: the path and the retries (the definition), memory and calls of the
functions (`bench.cost`), and the rendering time (measured). What is assumed is printed with the tables.
"""

import math
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

from bench import cost
from bench.arrivals import (
    DELIVERY,
    Hour,
    Quotas,
    Retrier,
    Service,
    Stage,
    arrivals_of_hour,
    rates,
    simulate,
)

mpl.use("svg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "scale.md"
PICTURE = ROOT / "docs" / "images" / "scale.svg"
BEGIN, END = "<!-- start of the results of `python -m bench.scale` -->\n", "<!-- end of the results -->\n"

VOLUMES = [10**power for power in range(2, 10)]
# The busiest hour has three times the average, and 1% of a day's images arrive in one minute of it.
BUSY = 3
BURST = 0.01
DAYS, HOURS = 30, 720
SAMPLE = 30_000
# Concurrent executions of Lambda, until AWS raises them.
NEW_ACCOUNT = 10
HEADROOM = 1.3

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html,
# https://docs.aws.amazon.com/general/latest/gr/rekognition.html,
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGE = Quotas(
    start_bucket=1300,
    start_rate=300,
    transition_bucket=5000,
    transition_rate=5000,
    concurrency=1000,
    rekognition=50,
)
"""us-east-1, us-west-2 and eu-west-1."""
SMALL = Quotas(
    start_bucket=800, start_rate=150, transition_bucket=800, transition_rate=800, concurrency=1000, rekognition=5
)
"""The smallest defaults of other regions."""

# Images of group 2 a month up to this number, and USD for each: https://aws.amazon.com/rekognition/pricing/
REKOGNITION_TIERS = ((1e6, 0.001), (5e6, 0.0008), (35e6, 0.0006), (math.inf, 0.00025))

FUNCTIONS = {"Prepare": "prepare", "Check": "moderation", "Render": "render", "Publish": "publish"}


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A quota that growth meets.

    Parameters
    ----------
    name, ask
        The quota, and what to do about it.
    large, small
        Its default for each second (or at once), in a large region and in the smallest.
    demand
        What one image a second asks for.
    """

    name: str
    ask: str
    large: float
    small: float
    demand: float


def stages_of_v5(*, work_ms: float) -> list[Stage]:
    """Read the stages of a published photograph from the definition of v5."""
    functions = cost.functions("v5", work_ms=work_ms)
    stages = [DELIVERY]
    for name, state in cost.path("v5"):
        if name in FUNCTIONS:
            function = functions[FUNCTIONS[name]]
            throttled = next(
                each for each in state["Retry"] if "Lambda.TooManyRequestsException" in each["ErrorEquals"]
            )
            stages.append(
                Stage(
                    service=Service.REKOGNITION if "rekognition" in function.calls else Service.FUNCTION,
                    seconds=function.milliseconds / 1000,
                    retrier=Retrier(
                        interval=throttled["IntervalSeconds"],
                        backoff=throttled["BackoffRate"],
                        max_delay=throttled["MaxDelaySeconds"],
                        max_attempts=throttled["MaxAttempts"],
                    ),
                )
            )
        else:
            waits = cost.WAIT["dynamodb"] / 1000 if state["Type"] == "Task" else 0.0
            stages.append(Stage(service=Service.STATE, seconds=waits))
    return stages


def busiest_minute(volume: float) -> float:
    """Return the images per second of the busiest minute of a month."""
    return volume / HOURS / 3600 * BUSY + volume / DAYS * BURST / 60


def simulate_volume(volume: float, *, stages: Sequence[Stage], quotas: Quotas) -> Hour:
    """Simulate the busiest hour of a month of this many images, on a sample if they are many."""
    images, burst = volume / HOURS * BUSY, volume / DAYS * BURST
    part = min(1.0, SAMPLE / (images + burst))
    # A small month may have no image in its busiest hour: simulate as many hours as give some.
    chance = random.Random(volume)  # noqa: S311
    repeat = max(1, math.ceil(50 / (images + burst)))
    arrivals = arrivals_of_hour(images=images * repeat, burst=burst * repeat, part=part, chance=chance)
    return simulate(arrivals, stages=stages, quotas=quotas.share(part), chance=chance)


def raised(volume: float, *, limits: Mapping[str, Limit]) -> Quotas:
    """Return the default quotas of a large region, raised to the busiest minute with headroom where it needs more."""
    peak = busiest_minute(volume) * HEADROOM

    def at_least(default: float, limit: str) -> float:
        return max(default, peak * limits[limit].demand)

    return Quotas(
        start_bucket=at_least(LARGE.start_bucket, "start"),
        start_rate=at_least(LARGE.start_rate, "start"),
        transition_bucket=at_least(LARGE.transition_bucket, "transition"),
        transition_rate=at_least(LARGE.transition_rate, "transition"),
        concurrency=at_least(LARGE.concurrency, "concurrency"),
        rekognition=at_least(LARGE.rekognition, "rekognition"),
    )


def limits_of(stages: Sequence[Stage]) -> dict[str, Limit]:
    """List the quotas that growth can meet, with what one image a second asks of each."""
    requests = rates(stages)
    seconds = sum(stage.seconds for stage in stages if stage.service in (Service.FUNCTION, Service.REKOGNITION))
    return {
        "rekognition": Limit(
            name="Rekognition: calls of `DetectModerationLabels` per second",
            ask="Ask for the calls per second of your busiest minute, for each operation of your routes",
            large=LARGE.rekognition,
            small=SMALL.rekognition,
            demand=requests[Service.REKOGNITION],
        ),
        "start": Limit(
            name="Step Functions: `StartExecution`, refill per second",
            ask="Ask for the images per second of your busiest minute",
            large=LARGE.start_rate,
            small=SMALL.start_rate,
            demand=1,
        ),
        "transition": Limit(
            name="Step Functions: `StateTransition`, refill per second",
            ask=f"Ask for {requests[Service.STATE]} times the images per second. Express has no such quota",
            large=LARGE.transition_rate,
            small=SMALL.transition_rate,
            demand=requests[Service.STATE],
        ),
        "concurrency": Limit(
            name="Lambda: concurrent executions (new accounts have less)",
            ask=f"Ask for {seconds:.2f} times the images per second. The {NEW_ACCOUNT} of a new account serve "
            f"{NEW_ACCOUNT / seconds:.0f} images a second",
            large=LARGE.concurrency,
            small=SMALL.concurrency,
            demand=seconds,
        ),
        "table": Limit(
            name="DynamoDB: write units per second of a new on-demand table",
            ask="Nothing to ask for: the table grows with its traffic. Raise its warm throughput before a large import",
            large=4000,
            small=4000,
            demand=cost.writes("v5"),
        ),
        "partition": Limit(
            name="DynamoDB: write units per second of the workflow's open attempts, which share a partition key",
            ask="Nothing to ask for: DynamoDB splits the partition by its sort key. Several workflows share the load",
            large=1000,
            small=1000,
            demand=3,
        ),
        "s3": Limit(
            name="S3: `PUT` per second and prefix, in the published bucket",
            ask="Nothing to ask for: S3 splits busy prefixes over minutes, and answers 503 meanwhile. Steps retry",
            large=3500,
            small=3500,
            demand=2,
        ),
        "events": Limit(
            name="EventBridge: `PutEvents` entries per second",
            ask="Ask for the images per second of your busiest minute",
            large=10_000,
            small=600,
            demand=1,
        ),
    }


def rekognition_dollars(volume: float) -> float:
    """Return what a month of Rekognition costs per million images, with the discounts of its tiers."""
    dollars, below = 0.0, 0.0
    for upto, price in REKOGNITION_TIERS:
        dollars += max(0.0, min(volume, upto) - below) * price
        below = upto
    return dollars / volume * cost.MILLION


def dollars_of(volume: float, hour: Hour, *, base: Mapping[str, float], stages: Sequence[Stage]) -> tuple[float, float]:
    """Return USD per million at Rekognition's list price and with its tiers. Retries of the busiest hour count.

    X-Ray's traces are those of the month's average rate.
    """
    retries = hour.transitions / hour.images - rates(stages)[Service.STATE] if hour.images else 0.0
    traces = cost.trace_dollars(volume / HOURS / 3600) - cost.trace_dollars(1)
    rest = sum(base.values()) - cost.REKOGNITION + traces + max(0.0, retries) * (cost.TRANSITION + cost.LAMBDA_REQUEST)
    return rest + cost.REKOGNITION, rest + rekognition_dollars(volume)


def table_of_volumes(
    results: Mapping[int, tuple[Hour, Hour]], *, base: Mapping[str, float], stages: Sequence[Stage]
) -> str:
    """Return the table of times and costs by volume."""
    lines = [
        "| Images a month | Busiest minute, images/s | Default quotas: median | 99% | `FAILED` | Raised quotas: median "
        "| 99% | `FAILED` | USD a million, list | USD a million, tiers |",
        "| ---: | " + " | ".join(["---:"] * 9) + " |",
    ]
    for volume, (default, enough) in results.items():
        cells = [f"{volume:,}", f"{busiest_minute(volume):,.3g}"]
        for hour in (default, enough):
            cells += [*(_duration(hour.quantile(part)) for part in (0.5, 0.99)), f"{hour.failed / hour.images:.1%}"]
        cells += [f"{dollars:,.0f}" for dollars in dollars_of(volume, enough, base=base, stages=stages)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _duration(seconds: float) -> str:
    if math.isnan(seconds):
        return "none"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def table_of_limits(limits: Mapping[str, Limit]) -> str:
    """Return the table of quotas, in the order in which growth meets them in a large region."""
    per_month = 1 / busiest_minute(1)
    lines = [
        "| Quota | Default, large regions | Met from images a month | Default, smallest | Met from | What to do |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for limit in sorted(limits.values(), key=lambda each: each.large / each.demand):
        met = [_round(quota / limit.demand * per_month) for quota in (limit.large, limit.small)]
        lines.append(f"| {limit.name} | {limit.large:,.0f} | {met[0]} | {limit.small:,.0f} | {met[1]} | {limit.ask} |")
    return "\n".join(lines)


def _round(images: float) -> str:
    digits = 10 ** (math.floor(math.log10(images)) - 1)
    return f"{math.floor(images / digits) * digits:,}"


def draw(results: Mapping[int, tuple[Hour, Hour]], *, base: Mapping[str, float], stages: Sequence[Stage]) -> None:
    """Draw cost and time to outcome over the volume."""
    plt.rcParams.update({"svg.hashsalt": "scale", "svg.fonttype": "none", "font.size": 9})
    figure, (money, time) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    volumes = list(results)
    prices = [dollars_of(volume, enough, base=base, stages=stages) for volume, (_, enough) in results.items()]
    money.plot(volumes, [price[0] for price in prices], color="#0b5cad", label="Rekognition's first price")
    money.plot(volumes, [price[1] for price in prices], color="#b3541e", label="with Rekognition's tiers")
    money.set(title="Cost", ylabel="USD per million images", ylim=(0, max(price[0] for price in prices) * 1.25))
    for number, (name, color) in enumerate((("default quotas", "#b3541e"), ("raised quotas", "#0b5cad"))):
        for part, style in ((0.5, "-"), (0.99, "--")):
            times = [pair[number].quantile(part) for pair in results.values()]
            label = f"{name}, {'median' if part == 0.5 else '99%'}"
            time.plot(volumes, times, style, color=color, label=label)
    time.set(title="Time to outcome in the busiest hour", ylabel="seconds", yscale="log")
    time.yaxis.set_major_formatter("{x:g}")
    for axis in (money, time):
        axis.set(xscale="log", xlabel="images a month")
        axis.grid(visible=True, color="#dddddd", linewidth=0.5)
        axis.legend(frameon=False, loc="lower left" if axis is money else "upper left")
    figure.savefig(PICTURE, facecolor="white", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Simulate, print the tables, and write page and picture."""
    work_ms = cost.rendering_ms()
    stages = stages_of_v5(work_ms=work_ms)
    base = cost.costs("v5", express=False, work_ms=work_ms)
    limits = limits_of(stages)
    results: dict[int, tuple[Hour, Hour]] = {}
    for volume in VOLUMES:
        print(f"{volume:,} images a month ...", file=sys.stderr, flush=True)
        results[volume] = (
            simulate_volume(volume, stages=stages, quotas=LARGE),
            simulate_volume(volume, stages=stages, quotas=raised(volume, limits=limits)),
        )
    draw(results, base=base, stages=stages)
    text = "\n\n".join(
        [
            f"Rendering took {work_ms:.0f} ms of one core on the machine that ran this simulation.",
            "## Time and cost",
            table_of_volumes(results, base=base, stages=stages),
            "## Quotas that growth meets",
            table_of_limits(limits),
        ]
    )
    print(text)
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + text + "\n\n" + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
