import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
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


@dataclass(frozen=True, kw_only=True)
class Aws:
    """A records table, and a bus whose events go to a queue."""

    emulator: Emulator
    table: str
    queue: str

    def upload_item(self, key: str = "p1/a.jpg", *, sequencer: str = "0A") -> dict[str, Any]:
        return self._item(f"IMAGE#{key}", f"UPLOAD#{sequencer.rjust(32, '0')}")

    def asset_item(self, key: str = "p1/a.jpg", *, place_id: str = "p1") -> dict[str, Any]:
        return self._item(f"PLACE#{place_id}", f"ASSET#{key}")

    def put_upload(self, **attributes: str) -> None:
        key = {"pk": "IMAGE#p1/a.jpg", "sk": f"UPLOAD#{'0A'.rjust(32, '0')}"}
        item = {name: {"S": value} for name, value in (key | attributes).items()}
        self.emulator.endpoints.dynamodb.put_item(TableName=self.table, Item=item)

    def _item(self, pk: str, sk: str) -> dict[str, Any]:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        answer = self.emulator.endpoints.dynamodb.get_item(TableName=self.table, Key=key)
        item: dict[str, Any] = answer.get("Item", {})
        return item

    def events(self, *, expected: int) -> list[dict[str, Any]]:
        """Receive events until there are as many as expected, and those that are there beside."""
        found: list[dict[str, Any]] = []
        sqs = client(self.emulator, "sqs")
        wait = 20
        while True:
            answer = sqs.receive_message(
                QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=wait if expected > len(found) else 0
            )
            if not answer.get("Messages"):
                return found
            for message in answer["Messages"]:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])


def client(emulator: Emulator, service: Any) -> Any:
    endpoints = emulator.endpoints
    return endpoints.session.client(
        service, endpoint_url=endpoints.url, verify=str(endpoints.ca_bundle), config=endpoints.config
    )


@pytest.fixture
def aws(emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Aws:
    name = f"n{uuid4().hex}"
    emulated_aws.endpoints.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    sqs, events = client(emulated_aws, "sqs"), client(emulated_aws, "events")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=name)
    pattern = json.dumps({"source": ["safelight"]})
    events.put_rule(Name=name, EventBusName=name, EventPattern=pattern)
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])
    monkeypatch.setenv("RECORDS_TABLE", name)
    monkeypatch.setenv("EVENT_BUS", name)
    monkeypatch.setenv("KEY_PREFIX", "")
    return Aws(emulator=emulated_aws, table=name, queue=queue)


def reason_of(event: dict[str, Any]) -> str:
    with pytest.raises(RejectedImage) as rejection:
        handler(event, None)
    reason: str = json.loads(str(rejection.value))["reason"]
    return reason


def test_an_upload_is_recorded_as_published(aws: Aws) -> None:
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


def test_the_place_gets_an_asset(aws: Aws) -> None:
    handler(publication(), None)
    item = aws.asset_item()
    assert (item["width"], item["height"]) == ({"N": "160"}, {"N": "240"})
    assert item["sequencer"] == {"S": "0A".rjust(32, "0")}
    assert item["renditions"]["L"][0]["M"]["name"] == {"S": "tile"}
    assert "publishedAt" in item


def test_the_publication_is_announced(aws: Aws) -> None:
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
def test_a_key_is_recorded_and_announced_as_it_is(aws: Aws, key: str) -> None:
    handler(publication(key), None)
    assert aws.upload_item(key)["status"] == {"S": "PUBLISHED"}
    assert aws.events(expected=1)[0]["detail"]["key"] == key


def test_the_place_comes_behind_the_prefix(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PREFIX", "v4/")
    handler(publication("v4/p7/a.jpg"), None)
    assert aws.upload_item("v4/p7/a.jpg")["placeId"] == {"S": "p7"}
    assert aws.asset_item("v4/p7/a.jpg", place_id="p7")


def test_a_newer_upload_replaces_the_asset_of_an_older_one(aws: Aws) -> None:
    handler(publication(sequencer="0A"), None)
    handler(publication(sequencer="0B", execution="second"), None)
    assert aws.asset_item()["sequencer"] == {"S": "0B".rjust(32, "0")}


def test_an_older_upload_is_superseded_and_changes_nothing(aws: Aws) -> None:
    handler(publication(sequencer="0B", execution="second"), None)
    assert reason_of(publication(sequencer="0A")) == "SUPERSEDED"
    assert aws.asset_item()["sequencer"] == {"S": "0B".rjust(32, "0")}
    assert aws.upload_item(sequencer="0A") == {}
    assert len(aws.events(expected=1)) == 1


def test_a_retry_of_the_same_execution_announces_again(aws: Aws) -> None:
    assert handler(publication(), None) == handler(publication(), None) == {"status": "PUBLISHED"}
    assert len(aws.events(expected=2)) == 2


def test_a_duplicate_event_publishes_nothing_twice(aws: Aws) -> None:
    handler(publication(), None)
    assert handler(publication(execution="second"), None) == {"status": "PUBLISHED"}
    assert aws.upload_item()["executionArn"] == {"S": EXECUTION}
    assert len(aws.events(expected=1)) == 1


def test_a_rejection_that_another_execution_recorded_stands(aws: Aws) -> None:
    aws.put_upload(status="REJECTED", reason="FAILED_MODERATION", executionArn="second")
    assert handler(publication(), None) == {"status": "REJECTED"}
    assert aws.upload_item()["reason"] == {"S": "FAILED_MODERATION"}
    assert aws.asset_item() == {}


@pytest.mark.parametrize("status", ["PROCESSING", "FAILED"])
def test_an_upload_without_a_final_outcome_is_published(aws: Aws, status: str) -> None:
    aws.put_upload(status=status, reason="Timeout", createdAt="2026-01-01T00:00:00.000Z", executionArn="second")
    handler(publication(), None)
    item = aws.upload_item()
    assert item["status"] == {"S": "PUBLISHED"}
    assert item["createdAt"] == {"S": "2026-01-01T00:00:00.000Z"}
    assert "reason" not in item


def test_of_duplicates_at_the_same_time_one_publishes(aws: Aws) -> None:
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
    {"step": "Moderator", "accepted": True, "reason": None, "detail": {"labels": []}},
    {"step": "GetWords", "accepted": True, "reason": None, "detail": {"missing": []}},
]


def test_an_upload_that_this_execution_has_claimed_is_published(aws: Aws) -> None:
    aws.put_upload(status="PROCESSING", createdAt="2026-01-01T00:00:00.000Z", executionArn=EXECUTION)
    assert handler(publication() | {"version": "v5", "checks": CHECKS}, None) == {"status": "PUBLISHED"}
    item = aws.upload_item()
    assert (item["status"], item["version"]) == ({"S": "PUBLISHED"}, {"S": "v5"})
    assert item["createdAt"] == {"S": "2026-01-01T00:00:00.000Z"}


def test_checks_are_recorded_as_compact_json(aws: Aws) -> None:
    handler(publication() | {"checks": CHECKS}, None)
    text = aws.upload_item()["checks"]["S"]
    assert json.loads(text) == CHECKS
    assert " " not in text


def test_a_workflow_without_checks_records_none(aws: Aws) -> None:
    handler(publication(), None)
    assert "checks" not in aws.upload_item()


def test_a_route_without_checks_is_recorded_as_such(aws: Aws) -> None:
    handler(publication() | {"checks": []}, None)
    assert aws.upload_item()["checks"] == {"S": "[]"}


def test_of_checks_with_more_than_16_kilobytes_the_last_details_are_left_out(aws: Aws) -> None:
    checks = [
        {"step": f"check {number}", "accepted": True, "reason": None, "detail": {"words": "é" * 1000}}
        for number in range(5)
    ]
    handler(publication() | {"checks": checks}, None)
    text = aws.upload_item()["checks"]["S"]
    recorded = json.loads(text)
    assert len(text) <= 16_384
    assert [check["step"] for check in recorded] == [check["step"] for check in checks]
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
