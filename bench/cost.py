"""What a million published images cost on AWS, with the arithmetic: v4, v5 as Standard and v5 as Express.

Run it from the root as `python -m bench.cost`. State transitions are counted in the definitions, on the path of a
published photograph of a park. The processor time of rendering is measured here, on a photograph of 12 megapixels. The
waits of functions are assumed, and printed. Logs are counted in bytes: an event of each kind for the state machine at
`LogLevel.ALL`, and the lines that Lambda and a step write for an invocation. Prices are AWS's in us-east-1. Free tiers,
storage, transfer and KMS are not counted.
"""

import json
import statistics
import sys
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from skimage import data

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "lambdas"))

from imagekit.decoding.limits import inspect  # noqa: E402
from imagekit.rendering.render import render  # noqa: E402
from safelight.image_workflow.steps import STEP_DEFINITIONS  # noqa: E402
from safelight_contracts.image_types import ImageType  # noqa: E402
from safelight_contracts.limits import Limits  # noqa: E402
from safelight_contracts.renditions import Fit, Rendition  # noqa: E402

MILLION = 1_000_000
# USD per million, from the price pages of each service, us-east-1, November 2026.
TRANSITION = 25.0
EXPRESS_REQUEST = 1.0
REKOGNITION = 1000.0  # Group 2's first tier: 0.001 an image.
LAMBDA_REQUEST = 0.20
CUSTOM_EVENT = 1.0
# "Amazon EventBridge pricing": S3 sends "AWS opt-in data events". Only "AWS management events" are free.
OPT_IN_EVENT = 1.0
TRACE = 5.0
# X-Ray's default sampling rule: it records the first request of each second, and this share of the others.
TRACED = 0.05
S3_GET, S3_PUT = 0.40, 5.0
LOG_GB = 0.50  # USD per GB that CloudWatch Logs takes in.
DYNAMODB_READ, DYNAMODB_WRITE = 0.125, 0.625
# USD per GB-second.
LAMBDA_ARM = 0.0000133334
EXPRESS = 0.00001667
EXPRESS_GB = 64 / 1024

# Assumed milliseconds that a function waits for one call of a service.
WAIT = {"s3": 40, "rekognition": 350, "dynamodb": 15, "events": 15}
OVERHEAD_MS = 15
READS_OF_PLACE_AND_ASSET = 2

# An event of Step Functions' log without execution data, such as "Examples" in its developer guide's "Logging" page.
LOGGED_EVENT = json.dumps(
    {
        "id": "17",
        "type": "TaskStateEntered",
        "details": {"name": "Get place type from DynamoDB", "inputDetails": {"truncated": False}},
        "redrive_count": "0",
        "previous_event_id": "16",
        "event_timestamp": "1795850000000",
        "execution_arn": "arn:aws:states:us-east-1:111122223333:execution:WorkflowStateMachine8F1B1C15-0123456789ab"
        ":00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000",
    }
)
# "PutLogEvents" counts 26 bytes for each event beside its text.
LOG_EVENT_OVERHEAD = 26
# An execution starts and ends. Every state is entered and left. A task is also scheduled, started and ended, and a Map
# and its iteration are started and ended.
EVENTS_OF_EXECUTION, EVENTS_OF_STATE, EVENTS_OF_TASK, EVENTS_OF_MAP = 2, 2, 3, 4
# Assumed bytes of an invocation's lines: start, report and one line of the step.
LOGGED_BY_FUNCTION = 1200

PARK = {"Place type?": "Moderator", "Route?": "Prepare", "Verdict?": "Render"}


@dataclass(frozen=True, kw_only=True)
class Function:
    """One function's share of an image: memory in MB, calls by service, and its own work in milliseconds."""

    memory: int
    calls: dict[str, int]
    work_ms: float = 0.0

    @property
    def milliseconds(self) -> float:
        """The billed milliseconds."""
        return OVERHEAD_MS + self.work_ms + sum(WAIT[service] * count for service, count in self.calls.items())

    @property
    def dollars(self) -> float:
        """USD per million images."""
        return LAMBDA_REQUEST + self.milliseconds / 1000 * self.memory / 1024 * LAMBDA_ARM * MILLION


def path(version: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the states that a published photograph of a park passes, in order, including those within a Map."""
    states = json.loads((ROOT / "statemachines" / "image_workflow" / f"{version}.asl.json").read_text())
    name: str | None = states["StartAt"]
    passed: list[tuple[str, dict[str, Any]]] = []
    while name is not None:
        state: dict[str, Any] = states["States"][name]
        passed.append((name, state))
        if state["Type"] == "Map":  # One check, which is one state.
            first = state["ItemProcessor"]["StartAt"]
            passed.append((first, state["ItemProcessor"]["States"][first]))
        # A photograph takes the first choice, except in the state that detects folder markers.
        branches = [state["Default"]] if name == "Folder marker?" else [way["Next"] for way in state.get("Choices", [])]
        name = PARK.get(name) or next(iter(branches), state.get("Next"))
    return passed


def rendering_ms() -> float:
    """Measure decoding and the two default renditions of 12 megapixels: the median of nine runs."""
    buffer = BytesIO()
    astronaut = Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    astronaut.resize((3464, 3464)).save(buffer, "JPEG", quality=90)
    photograph = buffer.getvalue()
    renditions = [
        Rendition(name="tile", width=400, height=400, fit=Fit.COVER, type=ImageType.JPEG, quality=None),
        Rendition(name="scaled", width=600, height=None, fit=Fit.INSIDE, type=ImageType.JPEG, quality=None),
    ]
    header = inspect(photograph, limits=Limits())
    took = []
    for _ in range(9):
        start = time.process_time()
        render(photograph, header=header, renditions=renditions)
        took.append((time.process_time() - start) * 1000)
    return statistics.median(took)


def functions(version: str, *, work_ms: float) -> dict[str, Function]:
    """List the functions that process a photograph of a park."""

    def function(step: str, *, calls: dict[str, int], work_ms: float = 0.0) -> Function:
        return Function(memory=STEP_DEFINITIONS[step].memory, calls=calls, work_ms=work_ms)

    publish = function("Publish", calls={"dynamodb": 2, "events": 1})
    if version == "v4":
        return {
            "check_dimensions": function("CheckDimensions", calls={"s3": 1}),
            "moderate": function("Moderator", calls={"s3": 1, "rekognition": 1}),
            "resize": function("Resizer", calls={"s3": 3, "dynamodb": 1}, work_ms=work_ms),
            "publish": publish,
        }
    return {
        "prepare": function("Prepare", calls={"s3": 1}),
        "moderation": function("Moderation", calls={"rekognition": 1}),
        "render": function("Render", calls={"s3": 3, "dynamodb": 1}, work_ms=work_ms),
        "publish": publish,
    }


def costs(version: str, *, express: bool, work_ms: float) -> dict[str, float]:
    """Return USD per million published photographs by what is charged."""
    parts = functions(version, work_ms=work_ms)
    seconds = sum(part.milliseconds for part in parts.values()) / 1000 + 0.1
    gets = sum(part.calls.get("s3", 0) for part in parts.values()) - 2
    return {
        "Rekognition: 1 image": REKOGNITION,
        f"Step Functions: v4 {len(path('v4'))}, v5 {len(path('v5'))} transitions": (
            EXPRESS_REQUEST + seconds * EXPRESS_GB * EXPRESS * MILLION if express else len(path(version)) * TRANSITION
        ),
        "Lambda: 4 invocations": sum(part.dollars for part in parts.values()),
        "S3: 1 upload, 2 renditions, reads": 3 * S3_PUT + gets * S3_GET,
        "DynamoDB: record, asset, attempt, place": (
            writes(version) * DYNAMODB_WRITE + READS_OF_PLACE_AND_ASSET * DYNAMODB_READ
        ),
        "EventBridge: 1 upload event, 1 announcement": OPT_IN_EVENT + CUSTOM_EVENT,
        "CloudWatch Logs: state machine, LogLevel.ALL": logged_bytes(version) * MILLION / 1e9 * LOG_GB,
        "CloudWatch Logs: functions": len(parts) * LOGGED_BY_FUNCTION * MILLION / 1e9 * LOG_GB,
        "X-Ray: 1 trace, up to one image a second": trace_dollars(1),
    }


def trace_dollars(images_per_second: float) -> float:
    """Return USD per million images for the traces that X-Ray records."""
    others = max(0.0, images_per_second - 1)
    return TRACE * (images_per_second - others + others * TRACED) / images_per_second


def logged_bytes(version: str) -> int:
    """Return the bytes that Step Functions logs for an image at `LogLevel.ALL`."""
    more = {"Task": EVENTS_OF_TASK, "Map": EVENTS_OF_MAP}
    events = EVENTS_OF_EXECUTION + sum(EVENTS_OF_STATE + more.get(state["Type"], 0) for _, state in path(version))
    return events * (len(LOGGED_EVENT) + LOG_EVENT_OVERHEAD)


def writes(version: str) -> int:
    """Count DynamoDB's write units of an image.

    The attempt is one, a transaction takes two for each of its four items, and the claim of v5 is one more.
    """
    return 1 + 2 * 4 + (version == "v5")


def main() -> None:
    """Print the arithmetic."""
    work_ms = rendering_ms()
    print(f"rendering 12 megapixels: {work_ms:.0f} ms measured here, median of 9; waits assumed: {WAIT} ms a call\n")
    print("| USD a million images | v4 | v5 Standard | v5 Express |\n| --- | ---: | ---: | ---: |")
    columns = [
        costs(version, express=express, work_ms=work_ms)
        for version, express in (("v4", False), ("v5", False), ("v5", True))
    ]
    for name in columns[0]:
        print(f"| {name} | {' | '.join(f'{column[name]:.2f}' for column in columns)} |")
    totals = [sum(column.values()) for column in columns]
    print(f"| **all** | {' | '.join(f'**{total:.0f}**' for total in totals)} |")
    print("\nGB-seconds and milliseconds an image")
    for version in ("v4", "v5"):
        for name, part in functions(version, work_ms=work_ms).items():
            cost = f"{part.memory:5} MB {part.milliseconds:6.0f} ms {part.dollars:6.2f} USD a million"
            print(f"  {version} {name:17} {cost}")


if __name__ == "__main__":
    main()
