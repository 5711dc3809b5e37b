"""Saying to whoever listens what became of an upload."""

import json
from typing import TYPE_CHECKING

from awskit import clients
from awskit.busy import raising_when_busy
from awskit.records import PUBLISHED, Publication

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

_SOURCE = "safelight"
_DETAIL_TYPE = "Image Published"


class AnnouncementRefused(Exception):  # noqa: N818 - named as the workflow's history shows it
    """Raised when EventBridge did not take the event; a retry of the step sends it again."""


def announce_publication(publication: Publication, *, bus: str) -> None:
    """Send the event `Image Published`.

    Events are sent at least once: a retry of the step sends it again.

    Parameters
    ----------
    publication
        What was published.
    bus
        The event bus's name or ARN.

    Raises
    ------
    AnnouncementRefused
        When EventBridge answers that it did not take the event, or cannot answer just now.
    """
    upload = publication.upload
    detail: dict[str, object] = {
        "bucket": upload.bucket,
        "key": upload.key,
        "versionId": upload.version_id,
        "placeId": publication.place_id,
        "status": PUBLISHED,
        "reason": None,
        "detail": {},
        "renditions": list(publication.renditions),
        "workflow": publication.workflow,
        "version": publication.version,
        "executionArn": upload.execution,
    }
    if publication.route is not None:
        detail["route"] = publication.route
    entry: PutEventsRequestEntryTypeDef = {
        "Source": _SOURCE,
        "DetailType": _DETAIL_TYPE,
        "EventBusName": bus,
        "Detail": json.dumps(detail),
    }
    with raising_when_busy(AnnouncementRefused):
        answer = clients.events().put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        refused = answer["Entries"][0]
        raise AnnouncementRefused(f"{refused.get('ErrorCode')}: {refused.get('ErrorMessage')}")
