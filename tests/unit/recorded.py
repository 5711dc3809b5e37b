"""A records table, and a bus whose events can be read: where workflows leave what became of an upload."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from safelight_local.emulator import Emulator


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A records table, and a bus whose events go to a queue."""

    emulator: Emulator
    table: str
    bus: str
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
    """Make a table, a bus and a queue of the test's own."""
    name = f"n{uuid4().hex}"
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
    return Recorded(emulator=emulator, table=name, bus=name, queue=queue)


def _client(emulator: Emulator, service: Any) -> Any:
    endpoints = emulator.endpoints
    return endpoints.session.client(
        service, endpoint_url=endpoints.url, verify=str(endpoints.ca_bundle), config=endpoints.config
    )
