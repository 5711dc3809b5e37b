"""Clients of the emulator's services, and a queue that shows what a rule sends."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from safelight_local.emulator.endpoints import ACCOUNT, REGION, Endpoints

PATIENCE = 300.0
"""Seconds until a test gives up on what it waits for: far more than it ever takes."""


def client(endpoints: Endpoints, service: str, **credentials: str) -> Any:
    make: Any = endpoints.session.client
    return make(service, **endpoints.client_settings, **credentials)


def key_values(endpoints: Endpoints) -> Any:
    """Return the client of the values in CloudFront's key value stores."""
    return endpoints.key_values


class RuleQueue:
    """A queue that gets what a rule of EventBridge matches.

    Parameters
    ----------
    endpoints : Endpoints
        Of the emulator.
    name : str
        The queue's and the rule's.
    rule : dict
        ``EventPattern`` or ``ScheduleExpression``.
    target : dict
        What the target has beside its id and its ARN.
    attributes : dict[str, str]
        The queue's.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        name: str,
        *,
        rule: dict[str, Any],
        target: dict[str, Any] | None = None,
        attributes: dict[str, str] | None = None,
    ) -> None:
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        self._sqs = client(endpoints, "sqs")
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": self.arn,
                }
            ],
        }
        self.url = self._sqs.create_queue(
            QueueName=name, Attributes={"Policy": json.dumps(policy), **(attributes or {})}
        )["QueueUrl"]
        events = client(endpoints, "events")
        events.put_rule(Name=name, **rule)
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": self.arn, **(target or {})}])

    def take_until(self, done: Callable[[Sequence[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Take messages until the expected ones have arrived.

        Returns
        -------
        list[dict]
            Their bodies, in the order in which they came.
        """
        taken: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE
        while not done(taken):
            assert time.monotonic() < deadline, taken
            answer = self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                taken.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return taken


def wait_until(condition: Callable[[], bool]) -> None:
    """Poll until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
