import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded

from awskit import clients
from awskit.outcomes.announcements import AnnouncementRefused
from awskit.records.transactions import TransactionConflict
from awskit.rejection import RejectedImage
from image_workflow.publish.handler import handler


def rendered(executing: Executing, key: str = "p1/a.jpg", **event: Any) -> dict[str, Any]:
    """Render an upload and return the event of the publish step."""
    event = executing.event(key, **event)
    return executing.publication(event, renditions=executing.render(event))


def reason_of(event: dict[str, Any]) -> str:
    with pytest.raises(RejectedImage) as rejection:
        handler(event, None)
    reason: str = json.loads(str(rejection.value))["reason"]
    return reason


def test_an_upload_is_recorded_as_published(aws: Recorded, executing: Executing) -> None:
    event = rendered(executing)
    assert handler(event, None) == {"status": "PUBLISHED"}
    item = aws.upload_item()
    assert item["status"] == item["standing"] == {"S": "PUBLISHED"}
    assert item["placeId"] == {"S": "p1"}
    assert item["version"] == {"S": "v4"}
    assert item["workflow"] == {"S": "images"}
    assert item["executionArn"] == {"S": event["execution"]}
    assert item["attempt"] == {"S": executing.set_of(event).attempt}
    assert item["dimensions"]["M"]["width"] == {"N": "160"}
    assert item["renditions"]["L"][0]["M"]["key"] == {"S": event["renditions"][0]["key"]}
    assert item["createdAt"] == item["updatedAt"]


def test_the_place_gets_an_asset_that_points_at_the_set(aws: Recorded, executing: Executing) -> None:
    event = rendered(executing)
    handler(event, None)
    item = aws.asset_item()
    assert (item["width"], item["height"]) == ({"N": "160"}, {"N": "240"})
    assert item["sequencer"] == {"S": "0A".rjust(32, "0")}
    assert item["prefix"] == {"S": executing.set_of(event).prefix}
    assert item["renditions"]["L"][0]["M"]["name"] == {"S": "tile"}
    assert "publishedAt" in item


def test_the_publication_is_announced(aws: Recorded, executing: Executing) -> None:
    published = rendered(executing)
    handler(published, None)
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
        "renditions": published["renditions"],
        "removed": [],
        "workflow": "images",
        "version": "v4",
        "executionArn": published["execution"],
    }


@pytest.mark.parametrize("key", ["p 1/a+b%20c.jpg", 'p"1/写真\n.jpg', "a.jpg", "p1/q/r.b.jpg", "p1/a#b.jpg"])
def test_a_key_is_recorded_and_announced_unchanged(aws: Recorded, executing: Executing, key: str) -> None:
    handler(rendered(executing, key), None)
    assert aws.upload_item(key)["status"] == {"S": "PUBLISHED"}
    assert aws.events(expected=1)[0]["detail"]["key"] == key


def test_the_place_follows_the_prefix(aws: Recorded, executing: Executing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PREFIX", "v4/")
    handler(rendered(executing, "v4/p7/a.jpg"), None)
    assert aws.upload_item("v4/p7/a.jpg")["placeId"] == {"S": "p7"}
    assert aws.asset_item("v4/p7/a.jpg", place_id="p7")


def test_an_older_upload_is_superseded_and_changes_nothing(aws: Recorded, executing: Executing) -> None:
    handler(rendered(executing, sequencer="0B", execution="second"), None)
    assert reason_of(rendered(executing, sequencer="0A")) == "SUPERSEDED"
    assert aws.asset_item()["sequencer"] == {"S": "0B".rjust(32, "0")}
    assert aws.upload_item(sequencer="0A") == {}
    assert len(aws.events(expected=1)) == 1


def test_a_retry_of_the_same_execution_announces_again(aws: Recorded, executing: Executing) -> None:
    event = rendered(executing)
    assert handler(event, None) == handler(event, None) == {"status": "PUBLISHED"}
    assert len(aws.events(expected=2)) == 2


def test_a_duplicate_event_publishes_nothing_again(aws: Recorded, executing: Executing) -> None:
    event = rendered(executing)
    handler(event, None)
    assert handler(rendered(executing, execution="second"), None) == {"status": "PUBLISHED"}
    assert aws.upload_item()["executionArn"] == {"S": event["execution"]}
    assert len(aws.events(expected=1)) == 1


def test_a_rejection_by_another_execution_stays(aws: Recorded, executing: Executing) -> None:
    aws.put_upload(status="REJECTED", reason="FAILED_MODERATION", executionArn="second")
    assert handler(rendered(executing), None) == {"status": "REJECTED"}
    assert aws.upload_item()["reason"] == {"S": "FAILED_MODERATION"}
    assert aws.asset_item() == {}


def test_an_upload_that_failed_before_is_published(aws: Recorded, executing: Executing) -> None:
    aws.put_upload(status="FAILED", reason="Timeout", createdAt="2026-01-01T00:00:00.000Z", executionArn="second")
    handler(rendered(executing), None)
    item = aws.upload_item()
    assert item["status"] == {"S": "PUBLISHED"}
    assert item["createdAt"] == {"S": "2026-01-01T00:00:00.000Z"}
    assert "reason" not in item


def test_one_of_several_concurrent_duplicates_publishes(aws: Recorded, executing: Executing) -> None:
    def publish(event: dict[str, Any]) -> str:
        try:
            status: str = handler(event, None)["status"]
        except TransactionConflict:
            return "CONFLICT"
        return status

    events = [rendered(executing, execution=f"execution {number}") for number in range(6)]
    with ThreadPoolExecutor(len(events)) as workers:
        statuses = list(workers.map(publish, events))
    assert "PUBLISHED" in statuses
    assert len(aws.events(expected=1)) == 1


@pytest.fixture
def fake_dynamodb(aws: Recorded, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:  # noqa: ARG001 - its settings
    """A fake DynamoDB that stores nothing: the emulator has no transaction conflicts."""
    made = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="fake", aws_secret_access_key="fake")
    with Stubber(made) as fake:
        fake.add_response("get_item", {})
        monkeypatch.setattr(clients, "dynamodb", lambda: made)
        yield fake


def cancels(fake: Stubber, *reasons: str) -> None:
    fake.add_client_error(
        "transact_write_items",
        service_error_code="TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": reason} for reason in reasons]},
    )


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_conflicting_transactions_are_an_error_to_retry(
    fake_dynamodb: Stubber, executing: Executing, reason: str
) -> None:
    cancels(fake_dynamodb, "None", "None", "None", reason)
    with pytest.raises(TransactionConflict):
        executing.publish(executing.event())


def test_another_cancellation_is_raised_unchanged(fake_dynamodb: Stubber, executing: Executing) -> None:
    cancels(fake_dynamodb, "ValidationError", "None", "None", "None")
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        executing.publish(executing.event())


CHECKS = [
    {"check": "moderation", "accepted": True, "reason": None, "detail": {"labels": []}},
    {"check": "words", "accepted": True, "reason": None, "detail": {"missing": []}},
]


def test_the_route_is_announced_in_addition(aws: Recorded, executing: Executing) -> None:
    handler(rendered(executing), None)
    handler(rendered(executing, sequencer="0B") | {"route": "park", "checks": CHECKS}, None)
    without, routed = aws.events(expected=2)
    assert routed["detail"] == without["detail"] | {"route": "park"}


def test_checks_are_recorded_and_not_announced(aws: Recorded, executing: Executing) -> None:
    handler(rendered(executing) | {"route": "park", "checks": CHECKS}, None)
    (event,) = aws.events(expected=1)
    assert "checks" not in event["detail"]


def test_an_upload_that_this_execution_has_claimed_is_published(aws: Recorded, executing: Executing) -> None:
    event = rendered(executing) | {"version": "v5", "claimed": True, "checks": CHECKS}
    aws.put_upload(status="PROCESSING", createdAt="2026-01-01T00:00:00.000Z", claimedBy=event["execution"])
    assert handler(event, None) == {"status": "PUBLISHED"}
    item = aws.upload_item()
    assert (item["status"], item["version"]) == ({"S": "PUBLISHED"}, {"S": "v5"})
    assert item["createdAt"] == {"S": "2026-01-01T00:00:00.000Z"}
    assert "claimedBy" not in item


def test_checks_are_recorded_as_compact_json(aws: Recorded, executing: Executing) -> None:
    handler(rendered(executing) | {"checks": CHECKS}, None)
    text = aws.upload_item()["checks"]["S"]
    assert json.loads(text) == CHECKS
    assert " " not in text


def test_camera_metadata_is_recorded_and_not_announced(aws: Recorded, executing: Executing) -> None:
    handler(rendered(executing) | {"photoMetadata": {"camera": "A camera", "altitude": 12.5}}, None)
    assert json.loads(aws.upload_item()["photoMetadata"]["S"]) == {"camera": "A camera", "altitude": 12.5}
    (event,) = aws.events(expected=1)
    assert "photoMetadata" not in event["detail"]


@pytest.mark.parametrize("event", [{}, {"photoMetadata": None}])
def test_without_camera_metadata_nothing_is_recorded(
    aws: Recorded, executing: Executing, event: dict[str, Any]
) -> None:
    handler(rendered(executing) | event, None)
    assert "photoMetadata" not in aws.upload_item()


def test_what_a_route_covered_is_recorded_and_not_announced(aws: Recorded, executing: Executing) -> None:
    redacted = {"counts": {"FACE": 1}, "boxes": [[0, 25000, 50000, 12500, 6250, 99]]}
    handler(rendered(executing) | {"redacted": redacted}, None)
    assert json.loads(aws.upload_item()["redacted"]["S"]) == redacted
    (event,) = aws.events(expected=1)
    assert "redacted" not in event["detail"]


@pytest.mark.parametrize("event", [{}, {"redacted": None}])
def test_an_upload_of_a_route_that_does_not_redact_has_no_covers(
    aws: Recorded, executing: Executing, event: dict[str, Any]
) -> None:
    handler(rendered(executing) | event, None)
    assert "redacted" not in aws.upload_item()


def test_a_workflow_without_checks_records_none(aws: Recorded, executing: Executing) -> None:
    handler(rendered(executing), None)
    assert "checks" not in aws.upload_item()


def test_a_route_without_checks_is_recorded_as_such(aws: Recorded, executing: Executing) -> None:
    handler(rendered(executing) | {"checks": []}, None)
    assert aws.upload_item()["checks"] == {"S": "[]"}


def test_the_last_details_of_checks_beyond_16_kilobytes_are_omitted(aws: Recorded, executing: Executing) -> None:
    checks = [
        {"check": f"check {number}", "accepted": True, "reason": None, "detail": {"words": "é" * 1000}}
        for number in range(5)
    ]
    handler(rendered(executing) | {"checks": checks}, None)
    text = aws.upload_item()["checks"]["S"]
    recorded = json.loads(text)
    assert len(text) <= 16_384
    assert [check["check"] for check in recorded] == [check["check"] for check in checks]
    assert [bool(check["detail"]) for check in recorded] == [True, True, False, False, False]


class FakeRefusingEvents:
    def put_events(self, **_: object) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "no"}]}


def test_a_rejected_announcement_is_an_error(executing: Executing, monkeypatch: pytest.MonkeyPatch) -> None:
    event = rendered(executing)
    monkeypatch.setattr(clients, "events", FakeRefusingEvents)
    with pytest.raises(AnnouncementRefused, match="ThrottlingException"):
        handler(event, None)


def test_a_key_that_is_too_long_is_rejected(executing: Executing) -> None:
    assert reason_of(executing.publication(executing.event("k" * 901))) == "KEY_TOO_LONG"
