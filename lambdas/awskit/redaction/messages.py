"""Handle the events of uploads: keep each one's copy, and announce the outcome.

An event of a new upload announces the outcome of that upload, and of no other. So an event that comes twice announces
twice, and one that is sent again from the dead letters announces its outcome.

A current copy does not tell these events apart: a duplicate, the only event of an upload whose announcement failed, and
the event of the same bytes that were uploaded again. Only the first needs no announcement, and a missing one is worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from awskit.logs import logger
from awskit.outcomes.announcements import send_event
from awskit.redaction.attempts import UploadFailedError, try_each
from awskit.redaction.keeping import Keeper, Keeping, Kept
from awskit.redaction.objects import StoredCopy, StoredUpload
from awskit.rejection import UploadFault
from awskit.uploads import is_folder_marker
from safelight_contracts.keys import parse_version_id
from safelight_contracts.redaction.service import (
    DETAIL_TYPES,
    RedactionOutcome,
    RedactionStatus,
    ServiceSettings,
    outcome_to_json,
)

_DELETED = "Object Deleted"


@dataclass(frozen=True, kw_only=True)
class _Change:
    """An event of S3. `etag`, `size`: empty and 0 in the event of a deletion, which does not have them."""

    bucket: str
    key: str
    version_id: str | None
    etag: str
    size: int
    is_deletion: bool

    def is_of(self, upload: StoredUpload) -> bool:
        """Return whether an upload is the one that the event is about."""
        return (self.version_id, self.etag) == (upload.version_id, upload.etag.strip('"'))


def keep_each(event: Mapping[str, Any], *, keeper: Keeper) -> dict[str, Any]:
    """Keep the copy of each upload that a batch of events is about. When the attempts fail, announce `Image Failed`.

    `event`: a batch of SQS messages. Each is an event of S3.

    Returns `{"batchItemFailures"}`: as `awskit.redaction.attempts.try_each`.
    """

    def take(body: dict[str, Any], attempt: int) -> None:
        change = _read(body)
        shown = {"bucket": change.bucket, "key": change.key, "versionId": change.version_id}
        with logger().append_context_keys(upload=shown, attempt=attempt):
            if attempt > keeper.settings.attempts:
                _end(change, keeper=keeper)
            else:
                _keep(change, keeper=keeper, is_repeated=attempt > 1)

    return try_each(event, attempts=keeper.settings.attempts, take=take)


def _read(body: Mapping[str, Any]) -> _Change:
    stored = body["detail"]["object"]
    return _Change(
        bucket=body["detail"]["bucket"]["name"],
        key=stored["key"],
        version_id=parse_version_id(stored.get("version-id")),
        etag=stored.get("etag", ""),
        size=stored.get("size", 0),
        is_deletion=body["detail-type"] == _DELETED,
    )


def _keep(change: _Change, *, keeper: Keeper, is_repeated: bool) -> None:
    keeping = keeper.keep(change.key, erased=change.version_id if change.is_deletion else None)
    logger().info("Kept", outcome=keeping.kept, reason=keeping.rejection and keeping.rejection.reason)
    _announce(_outcome(change, keeping, is_repeated=is_repeated), settings=keeper.settings)


def _end(change: _Change, *, keeper: Keeper) -> None:
    """Announce the outcome of an upload after the last attempt, which may have done its work and then failed.

    Raises UploadFailedError if it is not done.
    """
    try:
        keeping = keeper.look(change.key)
    except Exception:
        # The failure is announced whatever S3 does.
        logger().exception("Nobody knows what was done")
        keeping = None
    if keeping is None or _is_undone(change, keeping):
        _announce(_failed(change, settings=keeper.settings), settings=keeper.settings)
        raise UploadFailedError(f"{keeper.settings.attempts} attempts failed")
    _announce(_outcome(change, keeping, is_repeated=True), settings=keeper.settings)


def _is_undone(change: _Change, keeping: Keeping) -> bool:
    if keeping.kept is not Kept.BEHIND:
        return False
    # An upload that was replaced or deleted has its outcome, and what is there now has an event of its own.
    return change.is_deletion or (keeping.upload is not None and change.is_of(keeping.upload))


def _outcome(change: _Change, keeping: Keeping, *, is_repeated: bool) -> RedactionOutcome | None:
    upload, copy = keeping.upload, keeping.copy
    if change.is_deletion:
        # An older version can be the upload again. Its copy may have been written before this event was repeated.
        is_new = keeping.kept is Kept.REDACTED or (keeping.kept is Kept.CURRENT and is_repeated)
        return _redacted(upload, copy) if is_new and upload is not None and copy is not None else None
    if is_folder_marker(change):
        return None
    if upload is None:
        return _rejected(change, UploadFault.WITHDRAWN)
    if not change.is_of(upload):
        return _rejected(change, UploadFault.SUPERSEDED)
    if keeping.rejection is not None:
        return _rejected(change, keeping.rejection.reason, detail=keeping.rejection.detail)
    return None if copy is None else _redacted(upload, copy)


def _redacted(upload: StoredUpload, copy: StoredCopy) -> RedactionOutcome:
    return RedactionOutcome(
        status=RedactionStatus.REDACTED,
        bucket=upload.bucket,
        key=upload.key,
        version_id=upload.version_id,
        etag=upload.etag.strip('"'),
        destination={
            "bucket": copy.bucket,
            "key": copy.key,
            "etag": copy.etag.strip('"'),
            "contentType": copy.content_type,
        },
        counts=copy.counts,
    )


def _rejected(change: _Change, reason: str, *, detail: Mapping[str, Any] | None = None) -> RedactionOutcome:
    return RedactionOutcome(
        status=RedactionStatus.REJECTED,
        bucket=change.bucket,
        key=change.key,
        version_id=change.version_id,
        etag=change.etag,
        reason=str(reason),
        detail=detail,
    )


def _failed(change: _Change, *, settings: ServiceSettings) -> RedactionOutcome:
    return RedactionOutcome(
        status=RedactionStatus.FAILED,
        bucket=change.bucket,
        key=change.key,
        version_id=change.version_id,
        etag=change.etag,
        detail={"attempts": settings.attempts},
    )


def _announce(outcome: RedactionOutcome | None, *, settings: ServiceSettings) -> None:
    if outcome is None:
        return
    detail = outcome_to_json(outcome, name=settings.name)
    send_event(DETAIL_TYPES[outcome.status], detail=detail, bus=settings.event_bus)
