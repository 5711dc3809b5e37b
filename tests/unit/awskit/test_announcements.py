"""What is said of an upload that is published."""

from typing import Any

import pytest
from tests.unit.recorded import Recorded, make_recorded
from tests.unit.workflow_events import event_for

from awskit import clients
from awskit.announcements import AnnouncementRefused, announce_publication
from awskit.records import Publication
from awskit.uploads import parse_upload
from safelight_local.emulator import Emulator


def publication(*, route: str | None, version_id: str | None = None) -> Publication:
    event = event_for()
    if version_id is not None:
        event["image"]["versionId"] = version_id
    return Publication(
        upload=parse_upload(event),
        place_id="p1",
        version="v5",
        workflow="images",
        dimensions={"width": 160, "height": 240, "type": "JPEG"},
        renditions=[],
        route=route,
        checks=None if route is None else [],
        facts=None,
    )


@pytest.fixture
def recorded(emulated_aws: Emulator) -> Recorded:
    return make_recorded(emulated_aws)


@pytest.mark.parametrize("route", ["park", "default", "id-card"])
def test_the_route_that_an_upload_took_is_announced(recorded: Recorded, route: str) -> None:
    announce_publication(publication(route=route), bus=recorded.bus)
    (event,) = recorded.events(expected=1)
    assert event["detail"]["route"] == route


def test_a_workflow_without_routes_announces_none(recorded: Recorded) -> None:
    announce_publication(publication(route=None), bus=recorded.bus)
    (event,) = recorded.events(expected=1)
    assert "route" not in event["detail"]


@pytest.mark.parametrize("version_id", [None, "v-1"])
def test_the_version_of_the_object_is_announced_where_there_is_one(recorded: Recorded, version_id: str | None) -> None:
    announce_publication(publication(route="park", version_id=version_id), bus=recorded.bus)
    (event,) = recorded.events(expected=1)
    assert event["detail"]["versionId"] == version_id


class FakeRefusingEvents:
    def put_events(self, **_: object) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "no"}]}


def test_an_event_that_was_not_taken_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "events", FakeRefusingEvents)
    with pytest.raises(AnnouncementRefused, match="InternalFailure: no"):
        announce_publication(publication(route="park"), bus="bus")
