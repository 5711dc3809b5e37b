"""Announcing to whoever listens how an upload ended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.transient_errors import transient_errors_as

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

_SOURCE = "safelight"


class AnnouncementRefused(Exception):  # noqa: N818 - named as the workflow's history shows it
    """Raised when EventBridge did not take the event; a retry of the step sends it again."""


class Outcome(StrEnum):
    """How an upload ended, as its record has it."""

    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def detail_type(self) -> str:
        """The `detail-type` of its event, such as `Image Published`."""
        return f"Image {self.value.capitalize()}"


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What is announced of an upload.

    Attributes
    ----------
    outcome
        How it ended.
    bucket, key, version_id
        Which upload. A bucket without versions has no version id.
    place_id
        The place it belongs to.
    reason, detail
        Why it was rejected, or what broke. None and empty for any other outcome.
    renditions
        What is published of it.
    removed
        The keys of renditions that are gone, for those who keep copies of them.
    workflow, version
        The workflow's id, and its version, such as `v5`.
    execution
        The ARN of the execution that the outcome is from.
    route
        The name of the upload's route. None in a workflow without routes.
    """

    outcome: Outcome
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


def announce(announcement: Announcement, *, bus: str) -> None:
    """Send the event that tells an outcome.

    Events are sent at least once: a retry of the step sends it again.

    Parameters
    ----------
    announcement
        What to tell.
    bus
        The event bus's name or ARN.

    Raises
    ------
    AnnouncementRefused
        When EventBridge answers that it did not take the event, or cannot answer just now.
    """
    entry: PutEventsRequestEntryTypeDef = {
        "Source": _SOURCE,
        "DetailType": announcement.outcome.detail_type,
        "EventBusName": bus,
        "Detail": json.dumps(event_detail(announcement)),
    }
    with transient_errors_as(AnnouncementRefused):
        answer = clients.events().put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise AnnouncementRefused(f"{refused.get('ErrorCode')}: {refused.get('ErrorMessage')}")


def event_detail(announcement: Announcement) -> dict[str, Any]:
    """Write the `detail` of an event; what the workflow's definitions send has the same names."""
    detail = {
        "bucket": announcement.bucket,
        "key": announcement.key,
        "versionId": announcement.version_id,
        "placeId": announcement.place_id,
        "status": announcement.outcome.value,
        "reason": announcement.reason,
        "detail": dict(announcement.detail or {}),
        "renditions": list(announcement.renditions),
        "removed": list(announcement.removed),
        "workflow": announcement.workflow,
        "version": announcement.version,
        "executionArn": announcement.execution,
    }
    return detail if announcement.route is None else detail | {"route": announcement.route}
