"""The emulator matches the keys of objects with patterns as EventBridge documents it."""

import json

import pytest
from aws_cdk import App, Stack, aws_s3
from tests.local.emulator_clients import client

from safelight.core.events import object_events
from safelight_local.emulator.process import Emulator


@pytest.mark.parametrize(
    ("prefix", "suffixes", "key", "matches"),
    [
        ("", (), "park/a.txt", True),
        ("in/", (), "in/park/a.txt", True),
        ("in/", (), "park/in/a.txt", False),
        ("", (".jpg", ".JPG"), "park/a.jpg", True),
        ("", (".jpg", ".JPG"), "park/a.JPG", True),
        ("", (".jpg", ".JPG"), "park/a.Jpg", False),
        ("", (".jpg",), "park/a.jpg.txt", False),
        ("in/", (".jpg", ".JPG"), "in/park/a.JPG", True),
        ("in/", (".jpg", ".JPG"), "in/park/deep/a.jpg", True),
        ("in/", (".jpg", ".JPG"), "park/a.jpg", False),
        ("in/", (".jpg", ".JPG"), "in/park/a.png", False),
        ("in/", (".jpg",), "in/.jpg", True),
        ("in/", (".jpg", ".JPG", ".jpeg", ".JPEG", ".png", ".PNG"), "in/a.png", True),
        ("in/", (".jpg", ".JPG", ".jpeg", ".JPEG", ".png", ".PNG"), "in/a.PNG", True),
    ],
)
def test_a_key_matches_by_its_prefix_and_one_of_the_suffixes(
    emulator: Emulator, *, prefix: str, suffixes: tuple[str, ...], key: str, matches: bool
) -> None:
    bucket = aws_s3.Bucket.from_bucket_name(Stack(App(), "Test"), "Bucket", "photos")
    patterns = object_events("Object Created", bucket=bucket, key_prefix=prefix, key_suffixes=suffixes)
    event = {
        "id": "1",
        "account": "111122223333",
        "source": "aws.s3",
        "time": "2026-01-31T00:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": "photos"}, "object": {"key": key}},
    }
    found = [
        client(emulator.endpoints, "events").test_event_pattern(
            EventPattern=json.dumps(
                {"source": pattern.source, "detail-type": pattern.detail_type, "detail": pattern.detail}
            ),
            Event=json.dumps(event),
        )["Result"]
        for pattern in patterns
    ]
    # No more than one, so that an upload starts one execution.
    assert found.count(True) == int(matches)
