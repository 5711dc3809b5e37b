"""What is recorded of an upload that is published, beside what the step that publishes is tested for."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded

from awskit.outcomes.publication import _checks_text


def test_an_execution_that_has_claimed_the_upload_keeps_the_time_of_its_claim(
    aws: Recorded, executing: Executing
) -> None:
    event = executing.event()
    executing.claim(event)
    claimed = aws.upload_item()["createdAt"]
    executing.render(event)
    executing.publish(event, version="v5")
    item = aws.upload_item()
    assert (item["status"], item["createdAt"]) == ({"S": "PUBLISHED"}, claimed)


def test_a_previous_failure_is_cleared(aws: Recorded, executing: Executing) -> None:
    aws.put_upload(status="FAILED", executionArn="before", detail="it broke", reason="none", failure="{}")
    executing.run(executing.event())
    assert aws.upload_item().keys().isdisjoint({"reason", "detail", "failure"})


def test_a_publication_that_was_announced_is_announced_again_when_it_is_published_again(
    aws: Recorded, executing: Executing
) -> None:
    executing.run(executing.event(), version="v5")
    aws.change_upload(announcedAt="2026-01-01T00:00:00.000Z", supersededBy="0B")
    again = executing.event(execution="second")
    executing.claim(again, reprocess=True)
    executing.render(again)
    executing.publish(again, version="v5")
    assert aws.upload_item().keys().isdisjoint({"announcedAt", "supersededBy", "claimedBy"})


@given(details=st.lists(st.text(max_size=3000), max_size=10))
def test_checks_of_any_length_fit_without_omissions(details: list[str]) -> None:
    checks = [{"check": "words", "accepted": True, "reason": None, "detail": {"words": text}} for text in details]
    text = _checks_text(checks)
    found = json.loads(text)
    assert len(text.encode()) <= 16_384
    assert [check["check"] for check in found] == ["words"] * len(checks)
    assert all(check["detail"] in ({}, given["detail"]) for check, given in zip(found, checks, strict=True))


FOCAL_POINT: dict[str, Any] = {"M": {"x": {"N": "0.3"}, "y": {"N": "0.6"}}}


def test_a_reprocess_keeps_the_focal_point_that_somebody_has_written(aws: Recorded, executing: Executing) -> None:
    executing.run(executing.event(), version="v5")
    _write_focal_point(aws, FOCAL_POINT)
    again = executing.event(execution="second")
    executing.claim(again, reprocess=True)
    executing.render(again)
    executing.publish(again, version="v5")
    assert aws.asset_item()["focalPoint"] == FOCAL_POINT


def test_a_focal_point_that_cannot_be_one_is_not_kept(aws: Recorded, executing: Executing) -> None:
    executing.run(executing.event(), version="v5")
    _write_focal_point(aws, {"S": "the middle"})
    again = executing.event(execution="second")
    executing.claim(again, reprocess=True)
    executing.render(again)
    executing.publish(again, version="v5")
    assert "focalPoint" not in aws.asset_item()


def test_a_newer_upload_has_no_focal_point(aws: Recorded, executing: Executing) -> None:
    executing.run(executing.event())
    _write_focal_point(aws, FOCAL_POINT)
    executing.run(executing.event(sequencer="0B", execution="second"))
    assert "focalPoint" not in aws.asset_item()


def _write_focal_point(aws: Recorded, value: dict[str, Any]) -> None:
    aws.emulator.endpoints.dynamodb.put_item(TableName=aws.table, Item=aws.asset_item() | {"focalPoint": value})
