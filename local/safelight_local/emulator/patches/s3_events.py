"""Events of S3 on EventBridge, as AWS documents them.

ministack

- omits ``version-id``, the version of an object in a versioned bucket;
- gives ``Object Deleted`` a ``size`` and an empty ``etag``, which AWS does not send;
- sends no event for a delete marker of a key that has no current object.

See "EventBridge event message structure" in the user guide of Amazon S3.
"""

import json
from collections.abc import Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from safelight_local.emulator.patches.lifecycle import as_expiration

# An event, in ministack's form.
Event = dict[str, Any]

_DELETED = "Object Deleted"
# The entity tag of an empty object. AWS sends it with a delete marker.
_TAG_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"


def apply() -> None:
    """Patch the events of S3."""
    from ministack.services import eventbridge, s3

    complete_events(s3, eventbridge)


def complete_events(s3: ModuleType, eventbridge: ModuleType) -> None:
    """Replace the functions that build S3's events and that pass them to EventBridge.

    `s3`: ``ministack.services.s3``. Its functions are replaced.
    `eventbridge`: ``ministack.services.eventbridge``. Its function is replaced.
    """
    version: ContextVar[str | None] = ContextVar("version", default=None)
    s3._fire_s3_event = _remember_version(s3._fire_s3_event, version)  # type: ignore[attr-defined]
    eventbridge._dispatch_event = _complete(eventbridge._dispatch_event, version)  # type: ignore[attr-defined]
    s3._record_delete_marker = _announce_markers_of_nothing(s3)  # type: ignore[attr-defined]


def _remember_version(fire: Callable[..., None], version: ContextVar[str | None]) -> Callable[..., None]:
    def fire_with_version(*arguments: object, version_id: str | None = None, **options: object) -> None:
        version.set(version_id)
        fire(*arguments, version_id=version_id, **options)

    return fire_with_version


def _complete(dispatch: Callable[..., object], version: ContextVar[str | None]) -> Callable[..., object]:
    def dispatch_completed(event: Event, *arguments: object, **options: object) -> object:
        if event["Source"] == "aws.s3":
            detail = json.loads(event["Detail"])
            if version.get():
                detail["object"]["version-id"] = version.get()
            if event["DetailType"] == _DELETED:
                detail["object"] = _of_deleted(detail["object"], deletion_type=detail["deletion-type"])
                detail = as_expiration(detail)
            event = event | {"Detail": json.dumps(detail)}
        return dispatch(event, *arguments, **options)

    return dispatch_completed


def _of_deleted(described: dict[str, Any], *, deletion_type: str) -> dict[str, Any]:
    tag = {"etag": _TAG_OF_NOTHING} if deletion_type == "Delete Marker Created" else {}
    return {name: value for name, value in described.items() if name not in ("size", "etag")} | tag


def _announce_markers_of_nothing(s3: ModuleType) -> Callable[..., str]:
    record: Callable[..., str] = s3._record_delete_marker

    def record_and_announce(bucket: str, key: str, current: object) -> str:
        marker = record(bucket, key, current)
        # ministack sends the event of all other markers.
        if current is None:
            s3._fire_s3_event_async(
                bucket,
                key,
                "s3:ObjectRemoved:DeleteMarkerCreated",
                deletion_type="Delete Marker Created",
                version_id=marker,
            )
        return marker

    return record_and_announce
