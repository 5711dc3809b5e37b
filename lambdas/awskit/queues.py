"""Messages of an SQS queue, one at a time: one that fails comes again, and the others do not."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from awskit.logs import logger


def take_messages(event: Mapping[str, Any], *, take: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Take each message of a batch.

    Parameters
    ----------
    event
        What Lambda's event source mapping sends. It reports failures of single messages.
    take
        Gets each message's body, read as JSON. Whatever it raises has that message come again.

    Returns
    -------
    dict
        `{"batchItemFailures": [{"itemIdentifier"}]}`.
    """
    failures = []
    for message in event["Records"]:
        try:
            take(json.loads(message["body"]))
        except Exception:
            logger().exception("Failed", messageId=message["messageId"])
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}
