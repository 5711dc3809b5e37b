"""Measures one function's process for one image. `bench/functions.py` runs it.

It invokes a handler like Lambda, on one core, and prints JSON: processor milliseconds, including processes that the
handler started. The environment variables give the endpoints of S3, DynamoDB and EventBridge. Rekognition is a fake
in the process that answers at once.
"""

import importlib
import json
import os
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from awskit.sdk import session

_FAKE_ANSWERS: dict[str, dict[str, Any]] = {
    "DetectModerationLabels": {"ModerationLabels": []},
    "DetectLabels": {"Labels": [{"Name": "Tree", "Confidence": 99.0, "Instances": []}]},
    "DetectText": {"TextDetections": [{"DetectedText": "HELLO", "Type": "LINE", "Id": 0, "Confidence": 99.0}]},
}


def processes() -> list[Path]:
    """Find this process and its running descendants."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The state and the parent follow the name, which can contain any characters.
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # It has ended in the meantime.
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return [Path(f"/proc/{process}") for process in found]


def others_processor_ms() -> float:
    """Return the processor time of the processes that this one started, in milliseconds."""
    own = Path(f"/proc/{os.getpid()}")
    others = sum(_ticks(process) for process in processes() if process != own) / os.sysconf("SC_CLK_TCK")
    ended = os.times()
    return 1000 * (others + ended.children_user + ended.children_system)


def _ticks(process: Path) -> int:
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    # Its own time, and that of the children it has waited for: a worker's child decodes one file and ends.
    return sum(map(int, fields[11:15]))


def watch_calls() -> Counter[str]:
    """Start to count calls by service, and to answer those of Rekognition."""
    calls: Counter[str] = Counter()

    def before_call(model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        service = model.service_model.service_name
        calls[service] += 1
        if service != "rekognition":
            return None
        answer = _FAKE_ANSWERS[model.name] | {"ResponseMetadata": {"HTTPStatusCode": 200}}
        return AWSResponse("", 200, HTTPHeaders(), None), answer

    # The functions' package is on the path.
    events: Any = session()
    events.register("before-call", before_call)
    return calls


def main() -> None:
    """Run the job on standard input: `{"package", "events"}`. The first event is that of a new environment."""
    order = json.load(sys.stdin)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    calls = watch_calls()
    others = others_processor_ms()
    started = time.process_time()
    handler = importlib.import_module(f"{order['package']}.handler").handler
    processor, wall, outcome = [], [], ""
    for event in order["events"]:
        calls.clear()
        start = time.perf_counter()
        try:
            answer = handler(event, None)
            outcome = answer.get("reason") or "done"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        wall.append(1000 * (time.perf_counter() - start))
        own = 1000 * (time.process_time() - started)
        processor.append(own + others_processor_ms() - others)
        others = others_processor_ms()
        # Exclude the time of the measurement itself.
        started = time.process_time()
    warm = slice(1, None) if len(processor) > 1 else slice(None)
    measured = {
        "first": processor[0],
        "warm": statistics.median(processor[warm]),
        "wall": statistics.median(wall[warm]),
        "calls": calls,
        "outcome": outcome,
    }
    # The handler also logs to standard output.
    print("\n" + json.dumps(measured))


if __name__ == "__main__":
    main()
