import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from tests.unit.recorded import Recorded, make_recorded
from tests.unit.workflow_events import EXECUTION, event_for

from awskit import clients
from awskit.announcements import AnnouncementRefused
from awskit.records import TransactionConflict
from awskit.rejection import RejectedImage
from publish.handler import handler
from safelight_local.emulator import Emulator

RENDITIONS = [{"name": "tile", "key": "p1/a.jpg/tile.jpg", "type": "JPEG", "width": 40, "height": 40, "bytes": 900}]


def publication(key: str = "p1/a.jpg", *, sequencer: str = "0A", execution: str = EXECUTION) -> dict[str, Any]:
    return {
        **event_for(key, sequencer=sequencer, execution=execution),
        "version": "v4",
        "workflow": "images",
        "dimensions": {"width": 160, "height": 240, "type": "JPEG"},
        "renditions": RENDITIONS,
    }


@pytest.fixture
def aws(emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    made = make_recorded(emulated_aws)
    monkeypatch.setenv("RECORDS_TABLE", made.table)
    monkeypatch.setenv("EVENT_BUS", made.bus)
    monkeypatch.setenv("KEY_PREFIX", "")
    return made


def reason_of(event: dict[str, Any]) -> str:
    with pytest.raises(RejectedImage) as rejection:
        handler(event, None)
    reason: str = json.loads(str(rejection.value))["reason"]
    return reason


def test_an_upload_is_recorded_as_published(aws: Recorded) -> None:
    assert handler(publication(), None) == {"status": "PUBLISHED"}
    item = aws.upload_item()
    assert item["status"] == {"S": "PUBLISHED"}
    assert item["placeId"] == {"S": "p1"}
    assert item["version"] == {"S": "v4"}
    assert item["workflow"] == {"S": "images"}
    assert item["executionArn"] == {"S": EXECUTION}
    assert item["dimensions"]["M"]["width"] == {"N": "160"}
    assert item["renditions"]["L"][0]["M"]["key"] == {"S": "p1/a.jpg/tile.jpg"}
    assert item["createdAt"] == item["updatedAt"]


def test_the_place_gets_an_asset(aws: Recorded) -> None:
    handler(publication(), None)
    item = aws.asset_item()
    assert (item["width"], item["height"]) == ({"N": "160"}, {"N": "240"})
    assert item["sequencer"] == {"S": "0A".rjust(32, "0")}
    assert item["renditions"]["L"][0]["M"]["name"] == {"S": "tile"}
    assert "publishedAt" in item


def test_the_publication_is_announced(aws: Recorded) -> None:
    handler(publication(), None)
    (event,) = aws.events(expected=1)
    assert (event["source"], event["detail-type"]) == ("safelight", "Image Published")
    assert event["detail"] == {
        "bucket": "uploads",
        "key": "p1/a.jpg",
        "versionId": None,
        "placeId": "p1",
        "status": "PUBLISHED",
        "reason": None,
        "detail": {},
        "renditions": RENDITIONS,
        "workflow": "images",
        "version": "v4",
        "executionArn": EXECUTION,
    }


@pytest.mark.parametrize("key", ["p 1/a+b%20c.jpg", 'p"1/写真\n.jpg', "a.jpg", "p1/q/r.b.jpg"])
def test_a_key_is_recorded_and_announced_as_it_is(aws: Recorded, key: str) -> None:
    handler(publication(key), None)
    assert aws.upload_item(key)["status"] == {"S": "PUBLISHED"}
    assert aws.events(expected=1)[0]["detail"]["key"] == key


def test_the_place_comes_behind_the_prefix(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PREFIX", "v4/")
    handler(publication("v4/p7/a.jpg"), None)
    assert aws.upload_item("v4/p7/a.jpg")["placeId"] == {"S": "p7"}
    assert aws.asset_item("v4/p7/a.jpg", place_id="p7")


def test_a_newer_upload_replaces_the_asset_of_an_older_one(aws: Recorded) -> None:
    handler(publication(sequencer="0A"), None)
    handler(publication(sequencer="0B", execution="second"), None)
    assert aws.asset_item()["sequencer"] == {"S": "0B".rjust(32, "0")}


def test_an_older_upload_is_superseded_and_changes_nothing(aws: Recorded) -> None:
    handler(publication(sequencer="0B", execution="second"), None)
    assert reason_of(publication(sequencer="0A")) == "SUPERSEDED"
    assert aws.asset_item()["sequencer"] == {"S": "0B".rjust(32, "0")}
    assert aws.upload_item(sequencer="0A") == {}
    assert len(aws.events(expected=1)) == 1


def test_a_retry_of_the_same_execution_announces_again(aws: Recorded) -> None:
    assert handler(publication(), None) == handler(publication(), None) == {"status": "PUBLISHED"}
    assert len(aws.events(expected=2)) == 2


def test_a_duplicate_event_publishes_nothing_twice(aws: Recorded) -> None:
    handler(publication(), None)
    assert handler(publication(execution="second"), None) == {"status": "PUBLISHED"}
    assert aws.upload_item()["executionArn"] == {"S": EXECUTION}
    assert len(aws.events(expected=1)) == 1


def test_a_rejection_that_another_execution_recorded_stands(aws: Recorded) -> None:
    aws.put_upload(status="REJECTED", reason="FAILED_MODERATION", executionArn="second")
    assert handler(publication(), None) == {"status": "REJECTED"}
    assert aws.upload_item()["reason"] == {"S": "FAILED_MODERATION"}
    assert aws.asset_item() == {}


@pytest.mark.parametrize("status", ["PROCESSING", "FAILED"])
def test_an_upload_without_a_final_outcome_is_published(aws: Recorded, status: str) -> None:
    aws.put_upload(status=status, reason="Timeout", createdAt="2026-01-01T00:00:00.000Z", executionArn="second")
    handler(publication(), None)
    item = aws.upload_item()
    assert item["status"] == {"S": "PUBLISHED"}
    assert item["createdAt"] == {"S": "2026-01-01T00:00:00.000Z"}
    assert "reason" not in item


def test_of_duplicates_at_the_same_time_one_publishes(aws: Recorded) -> None:
    def publish(execution: str) -> str:
        try:
            status: str = handler(publication(execution=execution), None)["status"]
        except TransactionConflict:
            return "CONFLICT"
        return status

    executions = [f"execution {number}" for number in range(6)]
    with ThreadPoolExecutor(len(executions)) as workers:
        statuses = list(workers.map(publish, executions))
    assert "PUBLISHED" in statuses
    assert len(aws.events(expected=1)) == 1


@pytest.fixture
def fake_dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """A DynamoDB that stores nothing: the emulator has no transactions that meet."""
    made = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="fake", aws_secret_access_key="fake")
    monkeypatch.setenv("RECORDS_TABLE", "records")
    monkeypatch.setenv("KEY_PREFIX", "")
    with Stubber(made) as fake:
        monkeypatch.setattr(clients, "dynamodb", lambda: made)
        yield fake


def cancels(fake: Stubber, *reasons: str) -> None:
    fake.add_client_error(
        "transact_write_items",
        service_error_code="TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": reason} for reason in reasons]},
    )


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_transactions_that_meet_are_an_error_to_retry(fake_dynamodb: Stubber, reason: str) -> None:
    cancels(fake_dynamodb, "None", reason)
    with pytest.raises(TransactionConflict):
        handler(publication(), None)


def test_another_cancellation_is_an_error_as_it_is(fake_dynamodb: Stubber) -> None:
    cancels(fake_dynamodb, "ValidationError", "None")
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        handler(publication(), None)


CHECKS = [
    {"check": "moderation", "accepted": True, "reason": None, "detail": {"labels": []}},
    {"check": "words", "accepted": True, "reason": None, "detail": {"missing": []}},
]


def test_the_route_is_announced_beside_what_is_announced_without_one(aws: Recorded) -> None:
    handler(publication(), None)
    handler(publication(sequencer="0B") | {"route": "park", "checks": CHECKS}, None)
    without, routed = aws.events(expected=2)
    assert routed["detail"] == without["detail"] | {"route": "park"}


def test_checks_are_recorded_and_not_announced(aws: Recorded) -> None:
    handler(publication() | {"route": "park", "checks": CHECKS}, None)
    (event,) = aws.events(expected=1)
    assert "checks" not in event["detail"]


def test_an_upload_that_this_execution_has_claimed_is_published(aws: Recorded) -> None:
    aws.put_upload(status="PROCESSING", createdAt="2026-01-01T00:00:00.000Z", executionArn=EXECUTION)
    assert handler(publication() | {"version": "v5", "checks": CHECKS}, None) == {"status": "PUBLISHED"}
    item = aws.upload_item()
    assert (item["status"], item["version"]) == ({"S": "PUBLISHED"}, {"S": "v5"})
    assert item["createdAt"] == {"S": "2026-01-01T00:00:00.000Z"}


def test_checks_are_recorded_as_compact_json(aws: Recorded) -> None:
    handler(publication() | {"checks": CHECKS}, None)
    text = aws.upload_item()["checks"]["S"]
    assert json.loads(text) == CHECKS
    assert " " not in text


def test_what_the_camera_wrote_is_recorded_and_not_announced(aws: Recorded) -> None:
    handler(publication() | {"facts": {"camera": "A camera", "altitude": 12.5}}, None)
    assert json.loads(aws.upload_item()["facts"]["S"]) == {"camera": "A camera", "altitude": 12.5}
    (event,) = aws.events(expected=1)
    assert "facts" not in event["detail"]


@pytest.mark.parametrize("event", [{}, {"facts": None}])
def test_of_a_camera_that_wrote_nothing_nothing_is_recorded(aws: Recorded, event: dict[str, Any]) -> None:
    handler(publication() | event, None)
    assert "facts" not in aws.upload_item()


def test_a_workflow_without_checks_records_none(aws: Recorded) -> None:
    handler(publication(), None)
    assert "checks" not in aws.upload_item()


def test_a_route_without_checks_is_recorded_as_such(aws: Recorded) -> None:
    handler(publication() | {"checks": []}, None)
    assert aws.upload_item()["checks"] == {"S": "[]"}


def test_of_checks_with_more_than_16_kilobytes_the_last_details_are_left_out(aws: Recorded) -> None:
    checks = [
        {"check": f"check {number}", "accepted": True, "reason": None, "detail": {"words": "é" * 1000}}
        for number in range(5)
    ]
    handler(publication() | {"checks": checks}, None)
    text = aws.upload_item()["checks"]["S"]
    recorded = json.loads(text)
    assert len(text) <= 16_384
    assert [check["check"] for check in recorded] == [check["check"] for check in checks]
    assert [bool(check["detail"]) for check in recorded] == [True, True, False, False, False]


class FakeRefusingEvents:
    def put_events(self, **_: object) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "no"}]}


@pytest.mark.usefixtures("aws")
def test_an_announcement_that_is_refused_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "events", FakeRefusingEvents)
    with pytest.raises(AnnouncementRefused, match="ThrottlingException"):
        handler(publication(), None)


def test_a_key_that_is_too_long_is_rejected() -> None:
    assert reason_of(publication("k" * 901)) == "KEY_TOO_LONG"
