"""What a queue hands to a function of redaction."""

import json
from collections.abc import Mapping
from typing import Any


def batch_about(key: str, *, bucket: str, attempt: int, change: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A batch of one message: the event of S3 about a key, delivered for the nth time.

    `change`: from `created` or `deleted`. Default: an upload that nobody compares with what is there.
    """
    told = change or {"detail-type": "Object Created", "object": {"etag": "e", "size": 1}}
    detail = {"bucket": {"name": bucket}, "object": {"key": key} | told["object"]}
    message = {
        "messageId": "m",
        "body": json.dumps({"source": "aws.s3", "detail-type": told["detail-type"], "detail": detail}),
        "receiptHandle": "handle",
        "attributes": {"ApproximateReceiveCount": str(attempt)},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:no-such-queue",
    }
    return {"Records": [message]}


def created(*, etag: str, size: int, version_id: str | None = None) -> dict[str, Any]:
    """What S3 says of an object that was created. `etag`: with its quotes."""
    version = {} if version_id is None else {"version-id": version_id}
    return {"detail-type": "Object Created", "object": {"etag": etag.strip('"'), "size": size} | version}


def deleted(*, version_id: str | None = None) -> dict[str, Any]:
    """What S3 says of an object, or of a version of it, that was deleted."""
    return {"detail-type": "Object Deleted", "object": {} if version_id is None else {"version-id": version_id}}
