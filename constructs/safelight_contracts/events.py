"""The events that a workflow sends to EventBridge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight_contracts.records import Status

SOURCE = "safelight"
"""The source of every event."""

OUTCOMES = (Status.PUBLISHED, Status.REJECTED, Status.FAILED, Status.WITHDRAWN)
"""The outcomes that events announce."""


def detail_type(status: Status) -> str:
    """Return the detail type of an outcome's event, such as `Image Published`."""
    return f"Image {status.value.capitalize()}"


DETAIL_TYPES = tuple(detail_type(status) for status in OUTCOMES)
"""The detail types of all events."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """The content of an event.

    Attributes
    ----------
    status
        How the upload ended.
    bucket, key, version_id
        The upload. An object in a bucket without versions has no version id.
    place_id
        The place it belongs to.
    reason, detail
        Why it was rejected, or the error that made it fail. `None` and empty for any other status.
    renditions
        What is published of it.
    removed
        The keys of renditions that are gone. Invalidate them in your CDN.
    workflow, version
        The workflow's id, and its version, such as `v5`.
    execution
        The ARN of the execution that decided.
    route
        The name of the upload's route. `None` in a workflow without routes.
    """

    status: Status
    bucket: str
    key: str
    version_id: str | None
    place_id: str
    workflow: str
    version: str
    execution: str
    reason: str | None = None
    detail: Mapping[str, Any] | None = None
    renditions: Sequence[Mapping[str, Any]] = ()
    removed: Sequence[str] = ()
    route: str | None = None


def announcement_to_json(announcement: Announcement) -> dict[str, Any]:
    """Write the `detail` of an event."""
    detail = {
        "bucket": announcement.bucket,
        "key": announcement.key,
        "versionId": announcement.version_id,
        "placeId": announcement.place_id,
        "status": announcement.status.value,
        "reason": announcement.reason,
        "detail": dict(announcement.detail or {}),
        "renditions": list(announcement.renditions),
        "removed": list(announcement.removed),
        "workflow": announcement.workflow,
        "version": announcement.version,
        "executionArn": announcement.execution,
    }
    return detail if announcement.route is None else detail | {"route": announcement.route}


def announcement_from_json(detail: Mapping[str, Any]) -> Announcement:
    """Read the `detail` of an event."""
    return Announcement(
        status=Status(detail["status"]),
        bucket=detail["bucket"],
        key=detail["key"],
        version_id=detail["versionId"],
        place_id=detail["placeId"],
        workflow=detail["workflow"],
        version=detail["version"],
        execution=detail["executionArn"],
        reason=detail["reason"],
        detail=detail["detail"],
        renditions=detail["renditions"],
        removed=detail["removed"],
        route=detail.get("route"),
    )
