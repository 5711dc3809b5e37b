"""Sends files to a redaction, follows each to its outcome, and removes what was sent."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from safelight_contracts.redaction.reviews import review_prefix
from safelight_contracts.redaction.service import COUNTS, MADE_FROM
from safelight_local.aws.clients import Clients
from safelight_local.aws.deidentifying import released_file, remove_deidentified, watch_deidentified
from safelight_local.aws.executions import RUNNING, describe
from safelight_local.aws.redaction_logs import CLOCKS, log_entries, log_group_of
from safelight_local.aws.redaction_states import Ending, Sent, State
from safelight_local.aws.redactions import Redaction, RedactionKind

_NAME = "safelight-redact-"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_NOT_FOUND = 404
_PHASES = {"Detect": "finding faces", "Cover": "covering faces"}
_BAR = 20


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
        remove_deidentified(clients, sent=sent)
    _delete(clients, bucket=redaction.source_bucket, prefix=sent.key)
    if redaction.kind is RedactionKind.DICOM:
        return
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
    log_group = log_group_of(clients, function=sent.redaction.arn)
    name = sent.key.rpartition("/")[2]
    while True:
        written = _metadata(clients, sent=sent)
        if MADE_FROM in written:
            yield State(ending=Ending.REDACTED, covered=json.loads(written.get(COUNTS, "{}")))
        written_about = log_entries(clients, log_group=log_group, since=sent.since, word=name)
        yield _logged([it for it in written_about if _is_about(it, sent=sent)])


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


def _is_about(entry: Mapping[str, Any], *, sent: Sent) -> bool:
    upload = entry.get("upload")
    return isinstance(upload, dict) and upload.get("key") == sent.key


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
        yield State(progress=_map_progress(clients, arn=execution.arn))
    outcome = json.loads((now and now.output) or "{}")
    if outcome.get("status") in (Ending.REDACTED, Ending.REJECTED):
        detail = outcome.get("detail") or {}
        covered = {"FACE": detail["tracks"]} if "tracks" in detail else {}
        yield State(ending=Ending(outcome["status"]), reason=outcome.get("reason") or "", covered=covered)
    else:
        yield State(ending=Ending.FAILED, reason=(now and (now.error or now.status)) or "the execution is gone")


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


def _map_progress(clients: Clients, *, arn: str) -> str:
    """Describe the latest Map Run of an execution by a bar."""
    runs = clients.stepfunctions.list_map_runs(executionArn=arn)["mapRuns"]
    if not runs:
        return "reading the video"
    latest = max(runs, key=lambda run: run["startDate"])
    run = clients.stepfunctions.describe_map_run(mapRunArn=latest["mapRunArn"])
    label = latest["mapRunArn"].rpartition("/")[2].partition(":")[0]
    counts = run["itemCounts"]
    if "stopDate" in run:
        return "joining the chunks" if label == "Cover" else "linking faces"
    return f"{_PHASES.get(label, label)} {bar(counts['succeeded'], counts['total'])}"


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
