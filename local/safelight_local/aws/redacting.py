"""Sends files to a redaction, follows each to its outcome, and removes what was sent."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from safelight_contracts.redaction.reviews import review_prefix
from safelight_contracts.redaction.service import COUNTS, MADE_FROM
from safelight_local.aws.clients import Clients
from safelight_local.aws.deidentifying import released_file, remove_deidentified, watch_deidentified
from safelight_local.aws.executions import RUNNING, Execution, describe
from safelight_local.aws.records import json_object
from safelight_local.aws.redaction_logs import CLOCKS, log_entries, log_group_of
from safelight_local.aws.redaction_states import Ending, Sent, State
from safelight_local.aws.redactions import Redaction, RedactionKind

_NAME = "safelight-redact-"
_UNESCAPED = re.compile(r"[A-Za-z0-9_]{1,200}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_NOT_FOUND = 404
_PHASES = {"Detect": ("finding faces", "linking faces"), "Cover": ("covering faces", "joining the chunks")}
_BAR = 20
_ALREADY_REDACTED = "ALREADY_REDACTED"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """How far the redaction of a video is with its chunks, in one of its Map Runs.

    `name`: what is done with each chunk, in words.
    `next`: what is done after all of them, in words.
    `done`, `total`: how many chunks.
    """

    name: str
    next: str
    done: int
    total: int
    is_over: bool


def send(clients: Clients, *, redaction: Redaction, path: Path) -> Sent:
    """Put a file into the source of a redaction, under a key of its own that does not tell the file's name."""
    suffix = path.suffix.lower()
    key = f"{redaction.source_prefix}{_NAME}{uuid4().hex}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
    since = datetime.now(UTC)
    clients.s3.upload_file(str(path), redaction.source_bucket, key)
    return Sent(redaction=redaction, path=path, key=key, since=since)


def follow(clients: Clients, *, sent: Sent) -> Iterator[State]:
    """Look how far a redaction is, once for each state that is taken. The last one has an ending."""
    watches = {RedactionKind.PHOTO: _photo, RedactionKind.VIDEO: _video, RedactionKind.DICOM: watch_deidentified}
    for state in watches[sent.redaction.kind](clients, sent=sent):
        yield state
        if state.ending is not None:
            return


def fetch(clients: Clients, *, sent: Sent, folder: Path) -> Path:
    """Write the result of a redacted file as ``NAME.redacted.EXT``, and return where.

    A result of another type than the file keeps the file's whole name, and gets the end of its own type:
    ``NAME.gif.redacted.png``.
    """
    bucket, key = _result(clients, sent=sent)
    found = clients.s3.head_object(Bucket=bucket, Key=key)
    suffix = _suffix_of(found["ContentType"], path=sent.path)
    stem = sent.path.stem if suffix == sent.path.suffix else sent.path.name
    target = folder / f"{stem}.redacted{suffix}"
    clients.s3.download_file(bucket, key, str(target))
    return target


def remove(clients: Clients, *, sent: Sent) -> None:
    """Remove a file, its result and what is kept for its review, with the versions that a bucket keeps of them."""
    redaction = sent.redaction
    if redaction.kind is RedactionKind.DICOM:
        try:
            # First: only the entry of the upload leads to them, and the redaction removes it after the upload.
            remove_deidentified(clients, sent=sent)
        finally:
            _delete(clients, bucket=redaction.source_bucket, prefix=sent.key)
        return
    _delete(clients, bucket=redaction.source_bucket, prefix=sent.key)
    key = redaction.destination_key(sent.key)
    _delete(clients, bucket=redaction.destination_bucket, prefix=key)
    if redaction.reviews_bucket:
        _delete(clients, bucket=redaction.reviews_bucket, prefix=review_prefix(key))


def _result(clients: Clients, *, sent: Sent) -> tuple[str, str]:
    """Return the bucket and the key of the result of a redacted file."""
    if sent.redaction.kind is RedactionKind.DICOM:
        return released_file(clients, sent=sent)
    return sent.redaction.destination_bucket, sent.redaction.destination_key(sent.key)


def _delete(clients: Clients, *, bucket: str, prefix: str) -> None:
    # The prefix is of this file alone, so all versions are.
    for page in clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for version in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
            clients.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def _photo(clients: Clients, *, sent: Sent) -> Iterator[State]:
    while True:
        written = _metadata(clients, sent=sent)
        if MADE_FROM in written:
            yield State(ending=Ending.REDACTED, covered=covered_by(written))
        yield logged_state(clients, redaction=sent.redaction, key=sent.key, since=sent.since)


def covered_by(metadata: Mapping[str, str]) -> dict[str, int]:
    """Return how much is covered in a redacted photograph, by kind, from the metadata of the object."""
    return json_object(metadata.get(COUNTS))


def logged_state(clients: Clients, *, redaction: Redaction, key: str, since: datetime) -> State:
    """Look how far the redaction of a photograph is that has no result, in the log of the function.

    `since`: when it was uploaded.
    """
    log_group = log_group_of(clients, function=redaction.arn)
    entries = log_entries(clients, log_group=log_group, since=since, word=_pattern(key))
    return _logged([it for it in entries if _is_about(it, key=key)])


def _metadata(clients: Clients, *, sent: Sent) -> dict[str, str]:
    """Return the metadata of a file's result. Empty if there is no result."""
    redaction = sent.redaction
    try:
        key = redaction.destination_key(sent.key)
        return clients.s3.head_object(Bucket=redaction.destination_bucket, Key=key)["Metadata"]
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_FOUND:
            return {}
        raise


def _pattern(key: str) -> str:
    """Return the pattern of entries that may be about a key: those with its longest part that needs no escape."""
    return max(_UNESCAPED.findall(key), key=len, default="")


def _is_about(entry: Mapping[str, Any], *, key: str) -> bool:
    upload = entry.get("upload")
    return isinstance(upload, dict) and upload.get("key") == key


def _logged(entries: list[dict[str, Any]]) -> State:
    """Read how far the redaction of a photograph is from what the function has written about it."""
    cause = ""
    progress = "waiting"
    for entry in entries:
        if entry.get("outcome") == Ending.REJECTED:
            return State(ending=Ending.REJECTED, reason=str(entry.get("reason")))
        name = entry.get("exception_name")
        if name == "UploadFailedError":
            return State(ending=Ending.FAILED, reason=cause or str(entry.get("exception")))
        if name:
            cause = str(name)
            progress = f"attempt {entry.get('attempt')} failed ({cause}), and the next one follows"
    return State(progress=progress, reason=cause)


def _video(clients: Clients, *, sent: Sent) -> Iterator[State]:
    execution = None
    seen: set[str] = set()
    while execution is None:
        for arn in _new_executions(clients, sent=sent, seen=seen):
            found = describe(clients, arn=arn)
            if found is not None and found.upload.get("key") == sent.key:
                execution = found
        if execution is None:
            yield State()
    while (now := describe(clients, arn=execution.arn)) is not None and now.status == RUNNING:
        yield State(progress=progress_of(phases_of(clients, arn=execution.arn), chunks=bar))
    yield ended_state(now) if now else State(ending=Ending.FAILED, reason="the execution is gone")


def ended_state(execution: Execution) -> State:
    """Read how the redaction of a video has ended."""
    outcome = json_object(execution.output)
    # An execution that finds its result there has ended as the one that wrote it.
    status = outcome.get("status")
    if status == _ALREADY_REDACTED:
        return State(ending=Ending.REDACTED)
    if status not in (Ending.REDACTED, Ending.REJECTED):
        return State(ending=Ending.FAILED, reason=execution.error or execution.status)
    detail = outcome.get("detail") or {}
    covered = {"FACE": detail["tracks"]} if "tracks" in detail else {}
    return State(ending=Ending(status), reason=outcome.get("reason") or "", covered=covered)


def _new_executions(clients: Clients, *, sent: Sent, seen: set[str]) -> Iterator[str]:
    """Yield the executions that have started since a file was sent, and add them to those that were seen."""
    pages = clients.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=sent.redaction.arn)
    for page in pages:
        for item in page["executions"]:
            # The latest is first.
            if item["startDate"] < sent.since - CLOCKS:
                return
            if item["executionArn"] not in seen:
                seen.add(item["executionArn"])
                yield item["executionArn"]


def progress_of(phases: Sequence[Phase], *, chunks: Callable[[int, int], str]) -> str:
    """Describe what the execution that redacts a video does now.

    `chunks`: writes how many chunks are done, and of how many.
    """
    if not phases:
        return "reading the video"
    latest = phases[-1]
    return latest.next if latest.is_over else f"{latest.name} {chunks(latest.done, latest.total)}"


def phases_of(clients: Clients, *, arn: str) -> list[Phase]:
    """List the Map Runs of the execution that redacts a video, in order of their start."""
    runs = clients.stepfunctions.list_map_runs(executionArn=arn)["mapRuns"]
    return [_phase(clients, arn=run["mapRunArn"]) for run in sorted(runs, key=lambda run: run["startDate"])]


def _phase(clients: Clients, *, arn: str) -> Phase:
    run = clients.stepfunctions.describe_map_run(mapRunArn=arn)
    label = arn.rpartition("/")[2].partition(":")[0]
    name, following = _PHASES.get(label, (label, label))
    counts = run["itemCounts"]
    return Phase(name=name, next=following, done=counts["succeeded"], total=counts["total"], is_over="stopDate" in run)


def bar(done: int, total: int) -> str:
    """Draw how many chunks are done."""
    filled = _BAR * done // max(1, total)
    return f"[{'#' * filled}{'-' * (_BAR - filled)}] {done} of {total} chunks"


def _suffix_of(content_type: str, *, path: Path) -> str:
    """Return the end of a result's name: the file's own, unless it belongs to another type."""
    suffixes = _SUFFIXES.get(content_type)
    return path.suffix if suffixes is None or path.suffix.lower() in suffixes else suffixes[0]


_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/avif": (".avif",),
    "image/tiff": (".tif", ".tiff"),
}
