"""The result of a Map Run, and ``ResultWriter``: the results of its child executions in S3.

The emulator writes one file a status, however large. Without a bucket it returns a list for ``JSONL`` too.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from safelight_local.emulator.map_runs.run import Child, MapRun
from safelight_local.emulator.map_runs.state import Properties


class Transformation(StrEnum):
    """What is kept of the results of child executions. What has failed is always kept as with ``NONE``."""

    NONE = "NONE"
    COMPACT = "COMPACT"
    FLATTEN = "FLATTEN"


class OutputType(StrEnum):
    """The format of files with results."""

    JSON = "JSON"
    JSONL = "JSONL"


def write_results(run: MapRun) -> Any:
    """Write the results to S3 if the state has a ``ResultWriter`` with a bucket.

    Result: the state's result. This is where the manifest is, or a list of the results.
    """
    writer = run.state.definition.get("ResultWriter", {})
    is_exported = "Resource" in writer
    config = writer.get("WriterConfig", {})
    usual = Transformation.NONE if is_exported else Transformation.COMPACT
    transformation = Transformation(config.get("Transformation", usual))
    if not is_exported:
        return transformed(run.children, transformation)
    place = run.state.arguments(writer)
    bucket, prefix = place["Bucket"], place.get("Prefix", "")
    folder = f"{prefix.rstrip('/')}/" * bool(prefix) + run.arn.rpartition(":")[2]
    output_type = OutputType(config.get("OutputType", OutputType.JSON))
    of_file: dict[str, list[Child]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for child in run.children:
        of_file[child.status if child.status in of_file else "FAILED"].append(child)
    files: dict[str, list[Properties]] = {name: [] for name in of_file}
    for name, children in of_file.items():
        if children:
            key = f"{folder}/{name}_0.{output_type.lower()}"
            body = encoded(transformed(children, transformation), output_type)
            _put(bucket, key, body)
            files[name] = [{"Key": key, "Size": len(body)}]
    manifest = {"DestinationBucket": bucket, "MapRunArn": run.arn, "ResultFiles": files}
    _put(bucket, f"{folder}/manifest.json", encoded(manifest, OutputType.JSON))
    return {"MapRunArn": run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"}}


def transformed(children: Iterable[Child], transformation: Transformation) -> list[Any]:
    """Return the results of child executions, in the order of their items."""
    results: list[Any] = []
    for child in children:
        if transformation is Transformation.NONE or child.status != "SUCCEEDED" or child.execution is None:
            results.append(description(child))
            continue
        output = json.loads(child.execution["output"])
        if transformation is Transformation.FLATTEN and isinstance(output, list):
            results.extend(output)
        else:
            results.append(output)
    return results


def description(child: Child) -> Properties:
    """Describe a child execution as a file of results does."""
    included = {"Included": True}
    if child.execution is None:
        return {"Input": json.dumps(child.input), "InputDetails": included, "Status": child.status}
    is_success = child.status == "SUCCEEDED"
    described = {
        name: child.execution[name[0].lower() + name[1:]]
        for name in ("ExecutionArn", "Input", "Name", "StartDate", "StateMachineArn", "Status", "StopDate")
    }
    described |= {name.capitalize(): child.execution[name] for name in ("error", "cause") if name in child.execution}
    described |= {"InputDetails": included, "OutputDetails": included, "RedriveCount": 0}
    described["RedriveStatus"] = "NOT_REDRIVABLE" if is_success else "REDRIVABLE_BY_MAP_RUN"
    if is_success:
        described["Output"] = child.execution["output"]
        described["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    return described


def encoded(results: Any, output_type: OutputType) -> bytes:
    """Encode results. In JSONL each line ends with a line break."""
    if output_type is OutputType.JSONL:
        return b"".join(encoded(result, OutputType.JSON) + b"\n" for result in results)
    return json.dumps(results, separators=(",", ":")).encode()


def _put(bucket: str, key: str, body: bytes) -> None:
    from ministack.services import s3, stepfunctions

    status, _, answer = s3._put_object(bucket, key, body, {})
    if status >= 300:
        raise stepfunctions._ExecutionError("States.ResultWriterFailed", f"s3://{bucket}/{key}: {answer!r}")
