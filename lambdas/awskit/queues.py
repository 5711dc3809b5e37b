"""Process the messages of an SQS queue one at a time. Only a message that fails is delivered again."""

import json
from collections.abc import Callable, Mapping
from typing import Any

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
