"""The JSON Schemas of records and events."""

import pytest
from tools.schemas import FOLDER, SCHEMAS, text_of

from safelight_contracts.events import Announcement, announcement_to_json
from safelight_contracts.records import Status
from safelight_contracts.schemas import event_schema

WHOLE = Announcement(
    status=Status.PUBLISHED,
    bucket="uploads",
    key="riverside/coffee.jpg",
    version_id="v1",
    place_id="riverside",
    workflow="Photos.Workflow",
    version="v5",
    execution="arn:aws:states:us-east-1:000000000000:execution:images:mine",
    route="park",
)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_documentation_has_the_current_schemas(name: str) -> None:
    assert (FOLDER / name).read_text() == text_of(SCHEMAS[name]), "run 'make schemas'"


def test_the_event_s_schema_has_every_field_that_is_sent() -> None:
    assert set(event_schema()["properties"]) == set(announcement_to_json(WHOLE))
