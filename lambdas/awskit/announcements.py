"""Announcing to whoever listens how an upload ended."""

import json
from typing import TYPE_CHECKING

from awskit import clients
from awskit.transient_errors import transient_errors_as
from safelight_contracts.events import SOURCE, Announcement, announcement_to_json, detail_type

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


class AnnouncementRefused(Exception):  # noqa: N818 - named as the workflow's history shows it
    """Raised when EventBridge did not take the event; a retry of the step sends it again."""


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
        "Source": SOURCE,
        "DetailType": detail_type(announcement.status),
        "EventBusName": bus,
        "Detail": json.dumps(announcement_to_json(announcement)),
    }
    with transient_errors_as(AnnouncementRefused):
        answer = clients.events().put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise AnnouncementRefused(f"{refused.get('ErrorCode')}: {refused.get('ErrorMessage')}")
