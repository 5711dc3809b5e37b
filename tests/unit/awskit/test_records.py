"""What is recorded of an upload that is published, route and checks among it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.recorded import Recorded, make_recorded
from tests.unit.workflow_events import event_for

from awskit.records import Publication, _checks_text, record_publication
from awskit.rejection import RejectedImage
from awskit.uploads import parse_upload
from safelight_local.emulator import Emulator

CHECKS = [{"check": "moderation", "accepted": True, "reason": None, "detail": {"labels": []}}]


def publication(*, sequencer: str = "0A", execution: str = "first", checks: Any = None) -> Publication:
    return Publication(
        upload=parse_upload(event_for(sequencer=sequencer, execution=execution)),
        place_id="p1",
        version="v5",
        workflow="images",
        dimensions={"width": 160, "height": 240, "type": "JPEG"},
        renditions=[],
        route=None if checks is None else "park",
        checks=checks,
        facts=None,
    )


@pytest.fixture
def recorded(emulated_aws: Emulator) -> Recorded:
    return make_recorded(emulated_aws)


def test_checks_are_recorded_in_the_shape_of_a_rejection_s(recorded: Recorded) -> None:
    assert record_publication(publication(checks=CHECKS), table=recorded.table) is None
    assert json.loads(recorded.upload_item()["checks"]["S"]) == CHECKS


def test_a_workflow_without_routes_records_no_checks(recorded: Recorded) -> None:
    record_publication(publication(), table=recorded.table)
    assert "checks" not in recorded.upload_item()


def test_an_execution_that_has_claimed_the_upload_keeps_the_time_of_its_claim(recorded: Recorded) -> None:
    recorded.put_upload(status="PROCESSING", executionArn="first", createdAt="2026-01-01T00:00:00.000Z")
    assert record_publication(publication(checks=CHECKS), table=recorded.table) is None
    item = recorded.upload_item()
    assert (item["status"], item["createdAt"]) == ({"S": "PUBLISHED"}, {"S": "2026-01-01T00:00:00.000Z"})


def test_a_failure_that_was_recorded_is_forgotten(recorded: Recorded) -> None:
    recorded.put_upload(status="FAILED", executionArn="before", detail="it broke", reason="none")
    assert record_publication(publication(checks=CHECKS), table=recorded.table) is None
    assert recorded.upload_item().keys().isdisjoint({"reason", "detail"})


@pytest.mark.parametrize("status", ["PUBLISHED", "REJECTED"])
def test_an_outcome_of_another_execution_is_answered_and_stands(recorded: Recorded, status: str) -> None:
    recorded.put_upload(status=status, executionArn="before")
    before = recorded.upload_item()
    assert record_publication(publication(checks=CHECKS), table=recorded.table) == status
    assert recorded.upload_item() == before
    assert recorded.asset_item() == {}


def test_an_older_upload_records_nothing(recorded: Recorded) -> None:
    record_publication(publication(sequencer="0B"), table=recorded.table)
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        record_publication(publication(sequencer="0A"), table=recorded.table)
    assert recorded.upload_item(sequencer="0A") == {}


@given(details=st.lists(st.text(max_size=3000), max_size=10))
def test_checks_of_whatever_length_fit_and_none_is_left_out(details: list[str]) -> None:
    checks = [{"check": "words", "accepted": True, "reason": None, "detail": {"words": text}} for text in details]
    text = _checks_text(checks)
    found = json.loads(text)
    assert len(text.encode()) <= 16_384
    assert [check["check"] for check in found] == ["words"] * len(checks)
    assert all(check["detail"] in ({}, given["detail"]) for check, given in zip(found, checks, strict=True))
