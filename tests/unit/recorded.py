"""A records table, a published bucket, and a bus whose events can be read."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from awskit.table import Records, item, plain
from safelight_local.emulator.process import Emulator

WORKFLOW = "images"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A records table, a published bucket, and a bus whose events go to a queue."""

    emulator: Emulator
    table: str
    bucket: str
    bus: str
    queue: str
    workflow: str = WORKFLOW

    @property
    def records(self) -> Records:
        return Records(table=self.table, workflow=self.workflow)

    def upload_item(self, key: str = "p1/a.jpg", *, sequencer: str = "0A") -> dict[str, Any]:
        return self._item(f"IMAGE#{self.workflow}#{key}", f"UPLOAD#{sequencer.rjust(32, '0')}")

    def asset_item(self, key: str = "p1/a.jpg", *, place_id: str = "p1") -> dict[str, Any]:
        return self._item(f"PLACE#{place_id}", f"ASSET#{self.workflow}#{key}")

    def put_upload(self, key: str = "p1/a.jpg", *, sequencer: str = "0A", **attributes: object) -> None:
        keys = {"pk": f"IMAGE#{self.workflow}#{key}", "sk": f"UPLOAD#{sequencer.rjust(32, '0')}"}
        self._put(keys | attributes)

    def change_upload(self, key: str = "p1/a.jpg", *, sequencer: str = "0A", **attributes: object) -> None:
        """Add attributes to a record."""
        self._put(plain(self.upload_item(key, sequencer=sequencer)) | attributes)

    def open_items(self) -> list[dict[str, Any]]:
        """Read the items of sets that are not, or no longer, published."""
        answer = self.emulator.endpoints.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=item({":pk": f"OPEN#{self.workflow}"}),
            ConsistentRead=True,
        )
        return [plain(stored) for stored in answer["Items"]]

    def change_open_item(self, found: dict[str, Any], **attributes: object) -> None:
        """Change attributes of the item of a set, such as its time."""
        self._put(found | attributes)

    def keys(self, *, prefix: str = "") -> list[str]:
        """List what the published bucket holds."""
        pages = self.emulator.endpoints.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [there["Key"] for page in pages for there in page.get("Contents", [])]

    def _item(self, pk: str, sk: str) -> dict[str, Any]:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        answer = self.emulator.endpoints.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        found: dict[str, Any] = answer.get("Item", {})
        return found

    def _put(self, attributes: dict[str, Any]) -> None:
        self.emulator.endpoints.dynamodb.put_item(TableName=self.table, Item=item(attributes))

    def events(self, *, expected: int) -> list[dict[str, Any]]:
        """Receive events until there are as many as expected, and any further ones."""
        found: list[dict[str, Any]] = []
        sqs = _client(self.emulator, "sqs")
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


def make_recorded(emulator: Emulator) -> Recorded:
    """Make a table, a bucket, a bus and a queue for one test."""
    name = f"n{uuid4().hex}"
    emulator.endpoints.s3.create_bucket(Bucket=name)
    emulator.endpoints.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    sqs, events = _client(emulator, "sqs"), _client(emulator, "events")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=name)
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": ["safelight"]}))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])
    return Recorded(emulator=emulator, table=name, bucket=name, bus=name, queue=queue)


def _client(emulator: Emulator, service: Any) -> Any:
    return emulator.endpoints.session.client(service, **emulator.endpoints.client_settings)
