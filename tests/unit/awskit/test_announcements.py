"""What is said of an upload, whichever way it ended."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.executing import ARN
from tests.unit.recorded import Recorded

from awskit import clients
from awskit.announcements import AnnouncementRefused, announce
from safelight_contracts.events import OUTCOMES, Announcement
from safelight_contracts.records import Status

ANNOUNCEMENT = Announcement(
    status=Status.PUBLISHED,
    bucket="uploads",
    key="p1/a.jpg",
    version_id=None,
    place_id="p1",
    workflow="images",
    version="v5",
    execution=ARN + "first",
)


def announced(aws: Recorded, announcement: Announcement) -> dict[str, Any]:
    announce(announcement, bus=aws.bus)
    (event,) = aws.events(expected=1)
    return event


@pytest.mark.parametrize("route", ["park", "default", "id-card"])
def test_the_route_that_an_upload_took_is_announced(aws: Recorded, route: str) -> None:
    assert announced(aws, replace(ANNOUNCEMENT, route=route))["detail"]["route"] == route


def test_a_workflow_without_routes_announces_none(aws: Recorded) -> None:
    assert "route" not in announced(aws, ANNOUNCEMENT)["detail"]


@pytest.mark.parametrize("version_id", [None, "v-1"])
def test_the_version_of_the_object_is_announced_if_there_is_one(aws: Recorded, version_id: str | None) -> None:
    assert announced(aws, replace(ANNOUNCEMENT, version_id=version_id))["detail"]["versionId"] == version_id


@pytest.mark.parametrize("outcome", list(OUTCOMES))
def test_every_outcome_has_an_event_with_its_name(aws: Recorded, outcome: Status) -> None:
    event = announced(aws, replace(ANNOUNCEMENT, status=outcome))
    assert event["detail-type"] == f"Image {outcome.capitalize()}"
    assert event["detail"]["status"] == outcome


def test_missing_services_are_named(aws: Recorded) -> None:
    assert announced(aws, replace(ANNOUNCEMENT, removed=["p1/a.jpg/0/tile.jpg"]))["detail"]["removed"] == [
        "p1/a.jpg/0/tile.jpg"
    ]


class FakeRefusingEvents:
    def put_events(self, **_: object) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "no"}]}


def test_an_event_that_was_not_accepted_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "events", FakeRefusingEvents)
    with pytest.raises(AnnouncementRefused, match="InternalFailure: no"):
        announce(ANNOUNCEMENT, bus="bus")
