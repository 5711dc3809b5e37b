"""Announce an upload's outcome on EventBridge."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.transient_errors import transient_errors_as
from safelight_contracts.events import SOURCE, Announcement, announcement_to_json, detail_type

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


class AnnouncementRefused(Exception):  # noqa: N818 - named as the workflow's history shows it
    """Raised if EventBridge did not accept the event. A retry of the step sends the event again."""


def announce(announcement: Announcement, *, bus: str) -> None:
    """Send the event that announces an outcome.

    Events are sent at least once: a retry of the step sends the event again.

    Raises AnnouncementRefused as for `send_event`.
    """
    send_event(detail_type(announcement.status), detail=announcement_to_json(announcement), bus=bus)


def send_event(name: str, *, detail: Mapping[str, Any], bus: str) -> None:
    """Send an event of Safelight.

    `name`: its detail type.

    Raises AnnouncementRefused if EventBridge answers that it did not accept the event, or is temporarily unavailable.
    """
    entry: PutEventsRequestEntryTypeDef = {
        "Source": SOURCE,
        "DetailType": name,
        "EventBusName": bus,
        "Detail": json.dumps(detail),
    }
    with transient_errors_as(AnnouncementRefused):
        answer = clients.events().put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise AnnouncementRefused(f"{refused.get('ErrorCode')}: {refused.get('ErrorMessage')}")
