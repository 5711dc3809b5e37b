"""Fifty uploads at once."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

UPLOADS = 50


@pytest.fixture(scope="module")
def records(deployment: Any) -> list[dict[str, Any]]:
    """Upload fifty images at once to v4, half of them to a place that rejects them, and wait for all."""
    keys = [f"{'riverside' if n % 2 else 'nowhere'}/burst-{n}.jpg" for n in range(UPLOADS)]
    photo = deployment.samples.odd_name.read_bytes()
    with ThreadPoolExecutor(UPLOADS) as pool:
        etags = list(pool.map(lambda key: deployment.upload(version="v4", key=key, body=photo + key.encode()), keys))
    outcomes = [
        deployment.wait_for_executions(version="v4", key=key, etag=etag, count=1)
        for key, etag in zip(keys, etags, strict=True)
    ]
    return [
        deployment.outcome_of(version="v4", execution=execution).record | {"key": key}
        for key, executions in zip(keys, outcomes, strict=True)
        for execution in executions
    ]


def test_fifty_uploads_have_fifty_outcomes(records: list[dict[str, Any]]) -> None:
    assert len({record["key"] for record in records}) == len(records) == UPLOADS
    assert Counter(record["status"] for record in records) == {"PUBLISHED": 25, "REJECTED": 25}


def test_the_table_has_one_record_per_upload(deployment: Any, records: list[dict[str, Any]]) -> None:
    table = deployment.workflows["v4"].records_table
    pages = deployment.aws.dynamodb.get_paginator("scan").paginate(TableName=table)
    uploads = [item["pk"]["S"] for page in pages for item in page["Items"] if item["pk"]["S"].startswith("IMAGE#")]
    assert sorted(uploads) == sorted(
        f"IMAGE#{deployment.workflows['v4'].workflow_id}#{record['key']}" for record in records
    )


def test_each_outcome_is_announced_once(deployment: Any, records: list[dict[str, Any]]) -> None:
    for record in records:
        deployment.announcements(key=record["key"], count=1)
    announced = Counter(event["detail"]["key"] for event in deployment.heard)
    assert announced == Counter(record["key"] for record in records)


def test_no_event_is_left_in_a_dead_letter_queue(deployment: Any, records: list[dict[str, Any]]) -> None:
    assert records
    sqs = deployment.client("sqs")
    queues = [url for url in sqs.list_queues()["QueueUrls"] if "DeadLetters" in url]
    assert queues
    for url in queues:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        assert json.loads(attributes["Attributes"]["ApproximateNumberOfMessages"]) == 0
