"""Process the messages of an SQS queue one at a time. Only a message that fails is delivered again."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from awskit import clients
from awskit.logs import logger


def take_messages(event: Mapping[str, Any], *, take: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Process each message of a batch.

    `event`: the event of Lambda's event source mapping, which must be set to report failures of single messages.
    `take`: Receives each message's body, parsed as JSON. If it raises any exception, SQS delivers the message again.

    Returns `{"batchItemFailures": [{"itemIdentifier"}]}`.
    """
    failures = []
    for message in event["Records"]:
        try:
            take(json.loads(message["body"]))
        except Exception:
            logger().exception("Failed", messageId=message["messageId"])
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}


def received(message: Mapping[str, Any]) -> int:
    """Return how often SQS has delivered a message, this time included."""
    return int(message["attributes"]["ApproximateReceiveCount"])


def postpone(message: Mapping[str, Any], *, seconds: int) -> None:
    """Let SQS deliver a message again after some seconds, at most 12 hours.

    If that fails, the message comes again after the queue's visibility timeout.

    `message`: as Lambda delivers it.
    """
    name = message["eventSourceARN"].rpartition(":")[2]
    try:
        queue = clients.sqs().get_queue_url(QueueName=name)["QueueUrl"]
        clients.sqs().change_message_visibility(
            QueueUrl=queue, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=seconds
        )
    except (BotoCoreError, ClientError):
        logger().exception("The message was not postponed", messageId=message["messageId"])
