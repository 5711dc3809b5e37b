"""Videos that were redacted: the latest executions, and one with its contact sheets."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from safelight_contracts.keys import parse_version_id
from safelight_contracts.redaction.reviews import VideoReview, after_key, before_key, boxes_key
from safelight_contracts.redaction.videos import SOURCE, settings_from_environment, source_of
from safelight_local.aws.clients import Account, Clients
from safelight_local.aws.executions import RUNNING, Execution, describe
from safelight_local.aws.redacting import ended_state, phases_of, progress_of
from safelight_local.aws.redaction_states import Ending, State
from safelight_local.aws.redactions import Redaction
from safelight_local.console.links import execution_link
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import NoPictureError, Picture
from safelight_local.console.redactions.objects import Stored, find, read_review
from safelight_local.console.redactions.rows import LATEST, Row, row_of
from safelight_local.console.redactions.rows import RUNNING as RUNNING_ROW

_CALLS_AT_ONCE = 8
_SHEETS = {"before": before_key, "after": after_key}
# What the redaction writes. A browser gets no other type from here.
_TYPES = ("video/mp4", "video/quicktime", "video/x-matroska")
_RANGE = re.compile(r"bytes=[0-9]{0,18}-[0-9]{0,18}")
_FUNCTION = re.compile(r'arn:[^":]+:lambda:[^"]+?:function:[^"]+')
_REFUSED_RANGE = "InvalidRange"


class VideoList:
    """The latest executions of a redaction. Those that have ended are not asked for again."""

    def __init__(self, clients: Clients, *, redaction: Redaction) -> None:
        self._clients, self._redaction = clients, redaction
        self._final: dict[str, Row] = {}

    def rows(self) -> tuple[list[Row], bool]:
        """List the latest executions, and say whether there are more."""
        listed = self._clients.stepfunctions.list_executions(stateMachineArn=self._redaction.arn, maxResults=LATEST)
        arns = [it["executionArn"] for it in listed["executions"]]
        known = self._final
        with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="videos") as threads:
            found = threads.map(lambda arn: known.get(arn) or self._row(arn), arns)
            rows = [row for row in found if row is not None]
        self._final = {row.id: row for row in rows if row.is_final}
        return rows, "nextToken" in listed

    def _row(self, arn: str) -> Row | None:
        execution = describe(self._clients, arn=arn)
        return None if execution is None else _row(self._clients, execution)


@dataclass(frozen=True, kw_only=True)
class OpenVideo:
    """A part of a video that is being read, with the status and the headers of the answer."""

    status: int
    headers: dict[str, str]
    body: StreamingBody


def read_video(clients: Clients, *, redaction: Redaction, arn: str) -> dict[str, Any]:
    """Describe the redaction of one video for the page."""
    execution = _execution(clients, redaction=redaction, arn=arn)
    key = str(execution.upload["key"])
    row = _row(clients, execution)
    copy = _copy_of(clients, execution, redaction=redaction) if row.outcome == Ending.REDACTED else None
    review = copy and read_review(
        clients,
        bucket=redaction.reviews_bucket,
        key=boxes_key(redaction.destination_key(key)),
        read=VideoReview.from_json,
    )
    reviewed = review if review and copy and review.is_of(copy.metadata) else None
    link = execution_link(arn) if isinstance(clients, Account) else None
    return row.as_json() | {
        "kind": redaction.kind.value,
        "covered": row.covered or ({"FACE": reviewed.tracks} if reviewed else {}),
        "style": _style(clients, redaction=redaction),
        "before": {"bytes": execution.upload.get("size"), "type": None},
        "after": copy and {"bytes": copy.bytes, "type": copy.type},
        "size": [reviewed.width, reviewed.height] if reviewed else None,
        "boxes": None,
        "phases": [vars(it) for it in phases_of(clients, arn=arn)],
        "sheets": _sheets(clients, redaction=redaction, key=key, copy=copy) if copy else [],
        "video": copy and copy.type in _TYPES,
        "links": [link._asdict()] if link else [],
    }


def video_picture(clients: Clients, *, redaction: Redaction, arn: str, name: str) -> Picture:
    """Return a contact sheet: ``before`` or ``after``. No other object can be read."""
    execution = _execution(clients, redaction=redaction, arn=arn)
    if name not in _SHEETS or not redaction.reviews_bucket:
        raise NotFoundError("there is no such picture")
    target = redaction.destination_key(str(execution.upload["key"]))
    return Picture(name=name, bucket=redaction.reviews_bucket, key=_SHEETS[name](target))


def open_video(clients: Clients, *, redaction: Redaction, arn: str, range_: str | None) -> OpenVideo:
    """Begin to read a redacted video.

    Parameters
    ----------
    range_
        The header of the request. Another one than of one range of bytes is ignored, as RFC 9110 permits.

    Raises
    ------
    NoPictureError
        If it is not there, or is no video.
    """
    execution = _execution(clients, redaction=redaction, arn=arn)
    copy = _copy_of(clients, execution, redaction=redaction)
    if copy is None or copy.type not in _TYPES:
        raise NoPictureError("no longer there" if copy is None else "not a video")
    wanted = {"Range": range_} if range_ and _RANGE.fullmatch(range_) else {}
    key = redaction.destination_key(str(execution.upload["key"]))
    try:
        found = clients.s3.get_object(Bucket=redaction.destination_bucket, Key=key, **wanted)  # type: ignore[arg-type]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise NoPictureError("not within the video" if code == _REFUSED_RANGE else f"cannot be read: {code}") from error
    headers = {"Content-Type": copy.type, "Content-Length": str(found["ContentLength"]), "Accept-Ranges": "bytes"}
    if "ContentRange" not in found:
        return OpenVideo(status=200, headers=headers, body=found["Body"])
    return OpenVideo(status=206, headers=headers | {"Content-Range": found["ContentRange"]}, body=found["Body"])


def _row(clients: Clients, execution: Execution) -> Row:
    if execution.status == RUNNING:
        phases = phases_of(clients, arn=execution.arn)
        state = State(progress=progress_of(phases, chunks=lambda done, total: f"({done} of {total} chunks)"))
    else:
        state = ended_state(execution)
    return row_of(
        state,
        id=execution.arn,
        key=str(execution.upload.get("key", "")),
        started=execution.started,
        stopped=execution.stopped,
        otherwise=RUNNING_ROW,
    )


def _execution(clients: Clients, *, redaction: Redaction, arn: str) -> Execution:
    """Read an execution of this redaction, for a video that the redaction is for."""
    own = f"{redaction.arn.replace(':stateMachine:', ':execution:')}:"
    found = describe(clients, arn=arn) if arn.startswith(own) else None
    key = found and found.upload.get("key")
    if found is None or not isinstance(key, str) or not key.startswith(redaction.source_prefix):
        raise NotFoundError("there is no such execution")
    return found


def _copy_of(clients: Clients, execution: Execution, *, redaction: Redaction) -> Stored | None:
    """Find the redacted video of an execution. That of another upload under the same key is none of it."""
    key = redaction.destination_key(str(execution.upload["key"]))
    found = find(clients, bucket=redaction.destination_bucket, key=key)
    upload = execution.upload
    etag, version_id = str(upload.get("etag", "")).strip('"'), parse_version_id(upload.get("version-id"))
    source = source_of(etag=etag, version_id=version_id)
    return found if found is not None and found.metadata.get(SOURCE) == source else None


def _sheets(clients: Clients, *, redaction: Redaction, key: str, copy: Stored) -> list[str]:
    """Name the contact sheets that belong to a redacted video."""
    if not redaction.reviews_bucket:
        return []
    target = redaction.destination_key(key)
    found = {
        name: find(clients, bucket=redaction.reviews_bucket, key=key_of(target)) for name, key_of in _SHEETS.items()
    }
    return [name for name, it in found.items() if it is not None and it.metadata.items() <= copy.metadata.items()]


def _style(clients: Clients, *, redaction: Redaction) -> str | None:
    """Read how the functions of the state machine cover now. None if none of them says so."""
    definition = clients.stepfunctions.describe_state_machine(stateMachineArn=redaction.arn)["definition"]
    for name in sorted(set(_FUNCTION.findall(definition))):
        function = clients.lambda_.get_function_configuration(FunctionName=name)
        try:
            return settings_from_environment(function["Environment"]["Variables"]).style.value
        except (KeyError, TypeError, ValueError):
            continue
    return None
