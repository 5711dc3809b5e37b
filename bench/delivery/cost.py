"""What a million requests for images cost behind CloudFront, with the arithmetic, beside other image servers.

Run it from the root as `python -m bench.delivery.cost`. Nine of ten requests are answered by CloudFront's caches. The
processor time of an image is measured here: a photograph of 12 megapixels to a width of 640, as JPEG. The waits of a
function are assumed as in `bench.cost`. Prices are AWS's in us-east-1. Free tiers, storage, transfer to viewers, and
CloudFront's own price of a request are not counted: they are the same for all.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.cost import (
    LAMBDA_ARM,
    LAMBDA_REQUEST,
    LOG_GB,
    LOGGED_BY_FUNCTION,
    MILLION,
    OPT_IN_EVENT,
    OVERHEAD_MS,
    S3_GET,
    S3_PUT,
    WAIT,
)
from bench.delivery.miss import deliver
from bench.photographs import photograph_12_mp
from safelight.delivery.steps.forget import STEP as FORGET
from safelight.delivery.steps.make import STEP
from safelight_contracts.delivery.operations import Output
from safelight_contracts.image_types import ImageType
from safelight_local.web_pages.image_urls import DEFAULT_WIDTHS

EDGE_MISSES = 0.1
"""Share of the requests that CloudFront's caches do not answer, as on the Serverless Image Handler's cost page."""

DIFFERENT_IMAGES = (1_000, 10_000, 100_000)
"""Images that are made for a million requests, each once. At 100,000, no request finds a stored one."""
USUAL_IMAGES = 10_000


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Calls of S3. A test counts them.

    Parameters
    ----------
    reads
        At the price of GET.
    writes
        At the price of PUT, which lists have, too.
    free
        Deletions.
    """

    reads: int
    writes: int
    free: int

    @property
    def dollars(self) -> float:
        """USD of a million times these."""
        return self.reads * S3_GET + self.writes * S3_PUT


FIRST_IMAGE = Calls(reads=5, writes=3, free=1)
"""The first image of a source: the mark of its source, the source's first bytes, the rest of it and its version, and a
look for the result; that mark, the lease, and the result."""

NEXT_IMAGE = Calls(reads=5, writes=2, free=1)
"""Each further image. The mark is there."""

IMAGES_A_SOURCE = len(DEFAULT_WIDTHS)
"""Images that are made of each source: the widths of a ``srcset`` of `safelight html`."""

FORGOTTEN = Calls(reads=0, writes=1, free=0)
"""An event of a source that nobody has asked for: the list of its marks."""

# USD per million, "Amazon CloudFront pricing", November 2026.
EDGE_FUNCTION, KEY_READ = 0.10, 0.03
# USD per million, "Amazon SQS pricing", November 2026. Batches make it less.
SQS_REQUEST = 0.40
# The function that forgets takes at most 30 at once.
_SOURCES_AT_ONCE = 10

MILLIONS_A_MONTH = (1, 10, 100)
_HOURS = 730
# USD an hour, "AWS Fargate pricing" and "Elastic Load Balancing pricing", us-east-1, November 2026.
_X86_VCPU, _X86_GB, _ARM_VCPU, _ARM_GB = 0.04048, 0.004445, 0.03238, 0.00356
_LOAD_BALANCER, _LOAD_BALANCER_UNIT = 0.0225, 0.008
# A unit of a load balancer is 1 GB in an hour. The mean image is that of the Serverless Image Handler's cost page.
_IMAGE_GB = 45e3 / 1e9

# USD by millions of requests: "Lambda architecture costs" in the guide of Dynamic Image Transformation for Amazon
# CloudFront, read in November 2026. API Gateway, Lambda, S3 and CloudWatch, without CloudFront.
_V7_PUBLISHED = {10: 11.00 + 10.93 + 10.40 + 11.15, 125: 113.00 + 112.08 + 15.00 + 119.17}


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Servers that always run, behind a load balancer.

    Parameters
    ----------
    tasks
        The fewest that run.
    vcpu, memory
        Of each, in cores and GB.
    vcpu_dollars, memory_dollars
        USD of a core and of a GB, an hour.
    """

    tasks: int
    vcpu: float
    memory: float
    vcpu_dollars: float
    memory_dollars: float

    @property
    def idle(self) -> float:
        """USD a month without a request."""
        task = self.vcpu * self.vcpu_dollars + self.memory * self.memory_dollars
        return (self.tasks * task + _LOAD_BALANCER) * _HOURS

    def costs(self, *, millions: float) -> float:
        """Return USD a million requests, at this many millions a month."""
        behind = EDGE_MISSES * MILLION
        reads = behind / MILLION * S3_GET
        return self.idle / millions + reads + behind * _IMAGE_GB * _LOAD_BALANCER_UNIT


# The size "small" of version 8.0.1: two tasks. NAT gateways, DynamoDB and Cognito are not counted.
V8_SMALL = Servers(tasks=2, vcpu=1, memory=2, vcpu_dollars=_X86_VCPU, memory_dollars=_X86_GB)
# The defaults of template.py of imgproxy/imgproxy-cloudformation: two tasks of 1024 CPU units and 2048 MB on arm64.
IMGPROXY = Servers(tasks=2, vcpu=1, memory=2, vcpu_dollars=_ARM_VCPU, memory_dollars=_ARM_GB)


def making_ms() -> float:
    """Measure the processor time of an image: the median of nine runs."""
    data, output = photograph_12_mp(), Output(type=ImageType.JPEG)
    took = []
    for _ in range(9):
        start = time.process_time()
        deliver(data, width=640, output=output)
        took.append((time.process_time() - start) * 1000)
    return statistics.median(took)


def _mean(of: Callable[[Calls], float]) -> float:
    """Return the mean of all images of a source."""
    return (of(FIRST_IMAGE) + (IMAGES_A_SOURCE - 1) * of(NEXT_IMAGE)) / IMAGES_A_SOURCE


def billed_ms(*, work_ms: float) -> float:
    """Return the billed milliseconds of an image. The deletion of the lease is a call, too."""
    return OVERHEAD_MS + work_ms + _mean(lambda calls: calls.reads + calls.writes + calls.free) * WAIT["s3"]


def costs(*, images: int, work_ms: float) -> dict[str, float]:
    """Return USD a million requests behind CloudFront by what is charged.

    Parameters
    ----------
    images
        How many are made.
    work_ms
        Processor time of each.
    """
    gb_seconds = images * billed_ms(work_ms=work_ms) / 1000 * STEP.memory / 1024
    return {
        "S3: CloudFront looks for a result": EDGE_MISSES * S3_GET,
        "S3: an image is made": images / MILLION * _mean(lambda calls: calls.dollars),
        "Lambda": images / MILLION * LAMBDA_REQUEST + gb_seconds * LAMBDA_ARM,
        "CloudWatch Logs": images * LOGGED_BY_FUNCTION / 1e9 * LOG_GB,
    }


def source_events() -> dict[str, float]:
    """Return USD a million events of sources that nobody has asked for, by what is charged. Uploads are such events."""
    seconds = MILLION / _SOURCES_AT_ONCE * (OVERHEAD_MS + _SOURCES_AT_ONCE * WAIT["s3"]) / 1000
    return {
        "S3 and EventBridge: the event": OPT_IN_EVENT,
        "SQS: sent, received and deleted": 3 * SQS_REQUEST,
        "S3: a look for marks": FORGOTTEN.dollars,
        "Lambda, at 10 events an invocation": LAMBDA_REQUEST / _SOURCES_AT_ONCE
        + seconds * FORGET.memory / 1024 * LAMBDA_ARM,
    }


def version_7(*, millions: float) -> float:
    """Return what the Serverless Image Handler's own page says of the nearest number of requests."""
    nearest = min(_V7_PUBLISHED, key=lambda published: abs(published - millions))
    return _V7_PUBLISHED[nearest] / nearest


def compared(*, work_ms: float) -> Mapping[str, tuple[float, ...]]:
    """Return USD a million requests behind CloudFront, for each of `MILLIONS_A_MONTH`."""
    ours = sum(costs(images=USUAL_IMAGES, work_ms=work_ms).values())
    return {
        "ImageDelivery": tuple(ours for _ in MILLIONS_A_MONTH),
        "Serverless Image Handler v7, Lambda": tuple(version_7(millions=it) for it in MILLIONS_A_MONTH),
        "Serverless Image Handler v8, Fargate, small": tuple(V8_SMALL.costs(millions=it) for it in MILLIONS_A_MONTH),
        "imgproxy, Fargate, its template's defaults": tuple(IMGPROXY.costs(millions=it) for it in MILLIONS_A_MONTH),
    }


def main() -> None:
    """Print the arithmetic."""
    work_ms = making_ms()
    print(
        f"12 megapixels to a width of 640: {work_ms:.0f} ms measured here, median of 9\n"
        f"billed: {billed_ms(work_ms=work_ms):.0f} ms at {STEP.memory} MB, with {WAIT['s3']} ms for each call of S3\n"
    )
    print(f"| USD a million requests | {' | '.join(f'{images:,} images' for images in DIFFERENT_IMAGES)} |")
    print(f"| --- |{' ---: |' * len(DIFFERENT_IMAGES)}")
    columns = [costs(images=images, work_ms=work_ms) for images in DIFFERENT_IMAGES]
    for name in columns[0]:
        print(f"| {name} | {' | '.join(f'{column[name]:.3f}' for column in columns)} |")
    print(f"| **behind CloudFront** | {' | '.join(f'**{sum(column.values()):.2f}**' for column in columns)} |")
    print(f"| CloudFront Functions | {' | '.join(f'{EDGE_FUNCTION:.2f}' for _ in columns)} |")
    print(f"| KeyValueStore, if all are signed | {' | '.join(f'{KEY_READ:.2f}' for _ in columns)} |")
    print("\n| USD a million events of sources | |\n| --- | ---: |")
    for name, dollars in source_events().items():
        print(f"| {name} | {dollars:.2f} |")
    print(f"| **events** | **{sum(source_events().values()):.2f}** |")
    print(
        f"\n| USD a million requests | {' | '.join(f'{millions} million a month' for millions in MILLIONS_A_MONTH)} |"
    )
    print(f"| --- |{' ---: |' * len(MILLIONS_A_MONTH)}")
    for name, row in compared(work_ms=work_ms).items():
        print(f"| {name} | {' | '.join(f'{dollars:.2f}' for dollars in row)} |")
    print(f"\nidle, USD a month: v8 {V8_SMALL.idle:.0f}, imgproxy {IMGPROXY.idle:.0f}, the others 0")


if __name__ == "__main__":
    main()
