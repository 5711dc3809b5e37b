"""What a queue hands to a function of redaction."""

import json
from typing import Any


def batch_about(key: str, *, bucket: str, attempt: int) -> dict[str, Any]:
    """A batch of one message: the event of S3 about a key, delivered for the nth time."""
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "etag": "e", "size": 1}}
    message = {
        "messageId": "m",
        "body": json.dumps({"source": "aws.s3", "detail": detail}),
        "receiptHandle": "handle",
        "attributes": {"ApproximateReceiveCount": str(attempt)},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:no-such-queue",
    }
    return {"Records": [message]}
