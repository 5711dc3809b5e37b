"""A custom check: it limits the number of published photos for each place."""

import os
from functools import cache
from typing import Any

import boto3


@cache
def _records() -> Any:
    return boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
    """Return the answer of a check: `accepted`, `reason` and `detail`."""
    quota = event["check"]["quota"]
    key = event["image"]["key"]
    place = key.removeprefix(os.environ.get("KEY_PREFIX", "")).split("/")[0]
    assets = _records().query(
        KeyConditionExpression="pk = :place AND begins_with(sk, :asset)",
        ExpressionAttributeValues={":place": f"PLACE#{place}", ":asset": "ASSET#"},
        ProjectionExpression="sk",
        Limit=quota + 1,
    )["Items"]
    # A photo that is uploaded again takes its own place.
    others = sum(not asset["sk"].endswith(f"#{key}") for asset in assets)
    accepted = others < quota
    return {
        "accepted": accepted,
        "reason": None if accepted else "QUOTA_REACHED",
        "detail": {"quota": quota, "others": others},
    }
