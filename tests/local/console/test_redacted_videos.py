"""The console's page of redactions, for videos: executions, contact sheets, parts of the video, and Map Runs."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image
from tests.local.console.serving import answer, ask, served
from tests.local.emulator_clients import wait_until
from tests.local.lambda_functions import create_role
from tests.local.redactions import make_stack

from safelight_contracts.redaction.reviews import FrameBoxes, TrackBox, VideoReview, after_key, before_key, boxes_key
from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator

SOURCE, DESTINATION, REVIEWS = "filmed-source", "filmed-destination", "filmed-reviews"
REDACTED = {"status": "REDACTED", "reason": None, "detail": {"tracks": 2}}
# Each chunk waits if its key says so. Then the execution ends as its input says.
DEFINITION = {
    "QueryLanguage": "JSONata",
    "StartAt": "Detect Faces",
    "States": {
        "Detect Faces": {
            "Type": "Map",
            "Label": "Detect",
            "Items": "{% [1, 2, 3] %}",
            "ItemSelector": {"slow": "{% $contains($states.input.detail.object.key, 'slow') %}"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Slow?",
                "States": {
                    "Slow?": {
                        "Type": "Choice",
                        "Choices": [{"Condition": "{% $states.input.slow %}", "Next": "Slow"}],
                        "Default": "Done",
                    },
                    "Slow": {"Type": "Wait", "Seconds": 600, "Next": "Done"},
                    "Done": {"Type": "Succeed"},
                },
            },
            "Output": {},
            "Next": "Broken?",
        },
        "Broken?": {
            "Type": "Choice",
            "Choices": [
                {
                    "Condition": "{% $contains($states.context.Execution.Input.detail.object.key, 'broken') %}",
                    "Next": "Broken",
                }
            ],
            "Default": "Done",
        },
        "Broken": {"Type": "Fail", "Error": "Broken", "Cause": "The key says so."},
        "Done": {"Type": "Succeed", "Output": "{% $states.context.Execution.Input.outcome %}"},
    },
}


@dataclass(frozen=True, kw_only=True)
class Filmed:
    """A deployed redaction of videos, whose state machine covers nothing."""

    endpoints: Endpoints
    machine: str

    def start(self, key: str, *, outcome: dict[str, Any] = REDACTED, etag: str = "e") -> str:
        event = {"detail": {"object": {"key": key, "etag": etag, "size": 9}}, "outcome": outcome}
        return self.endpoints.stepfunctions.start_execution(stateMachineArn=self.machine, input=json.dumps(event))[
            "executionArn"
        ]

    def run(self, key: str, *, outcome: dict[str, Any] = REDACTED) -> str:
        arn = self.start(key, outcome=outcome)
        describe = self.endpoints.stepfunctions.describe_execution
        wait_until(lambda: describe(executionArn=arn)["status"] != "RUNNING")
        return arn

    def publish(self, key: str, *, etag: str = "e", content_type: str = "video/mp4") -> None:
        self.endpoints.s3.put_object(
            Bucket=DESTINATION,
            Key=key,
            Body=b"0123456789",
            ContentType=content_type,
            Metadata=review(etag=etag).metadata,
        )

    def keep_review(self, key: str, *, etag: str = "e") -> None:
        kept = review(etag=etag)
        self.endpoints.s3.put_object(Bucket=REVIEWS, Key=boxes_key(key), Body=json.dumps(kept.as_json()))
        for name in (before_key(key), after_key(key)):
            self.endpoints.s3.put_object(Bucket=REVIEWS, Key=name, Body=sheet(), Metadata=kept.metadata)


def review(*, etag: str) -> VideoReview:
    boxes = [TrackBox(track=0, left=2, top=2, right=8, bottom=8)]
    return VideoReview(
        etag=etag,
        version_id=None,
        redaction="0" * 8,
        width=64,
        height=48,
        tracks=1,
        every=1,
        frames=[FrameBoxes(seconds=0.0, boxes=boxes)],
    )


def sheet() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(made, "JPEG")
    return made.getvalue()


@pytest.fixture(scope="module")
def filmed(emulator: Emulator) -> Filmed:
    endpoints = emulator.endpoints
    for bucket in (SOURCE, DESTINATION, REVIEWS):
        endpoints.s3.create_bucket(Bucket=bucket)
    machine = endpoints.stepfunctions.create_state_machine(
        name="filmed",
        definition=json.dumps(DEFINITION),
        roleArn=create_role(endpoints, "filmed-role", actions=["states:*"]),
    )["stateMachineArn"]
    outputs = {
        "VideoSourceBucketName": SOURCE,
        "VideoSourcePrefix": "in/",
        "RedactedVideosBucketName": DESTINATION,
        "VideoRedactionArn": machine,
        "VideoReviewsBucketName": REVIEWS,
    }
    make_stack(endpoints, name="Filmed", outputs=outputs)
    return Filmed(endpoints=endpoints, machine=machine)


@pytest.fixture
def server(emulator: Emulator) -> Iterator[ConsoleServer]:
    yield from served(Api(emulator.endpoints, stack="Filmed", may_upload=False))


def rows(server: ConsoleServer, filmed: Filmed) -> dict[str, Any]:
    query = urlencode({"redaction": filmed.machine})
    return {row["id"]: row for row in answer(ask(server, f"/api/redaction/uploads?{query}"))["rows"]}


def of(filmed: Filmed, arn: str, **more: str) -> str:
    return urlencode({"redaction": filmed.machine, "item": arn, **more})


def view(server: ConsoleServer, filmed: Filmed, arn: str) -> Any:
    return answer(ask(server, f"/api/redaction/upload?{of(filmed, arn)}"))


def test_each_execution_has_its_outcome(server: ConsoleServer, filmed: Filmed) -> None:
    done, broken = filmed.run("in/done.mp4"), filmed.run("in/broken.mp4")
    rejected = filmed.run("in/no.mp4", outcome={"status": "REJECTED", "reason": "HDR", "detail": {}})
    found = rows(server, filmed)
    assert {arn: (found[arn]["outcome"], found[arn]["reason"]) for arn in (done, broken, rejected)} == {
        done: ("REDACTED", ""),
        broken: ("FAILED", "Broken"),
        rejected: ("REJECTED", "HDR"),
    }
    assert found[done]["covered"] == {"FACE": 2}


def test_a_running_execution_shows_how_many_chunks_are_done(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.start("in/slow.mp4")
    wait_until(lambda: bool(view(server, filmed, arn)["phases"]))
    shown = view(server, filmed, arn)
    assert (shown["outcome"], shown["isFinal"]) == ("RUNNING", False)
    (phase,) = shown["phases"]
    assert (phase["name"], phase["done"], phase["total"], phase["is_over"]) == ("finding faces", 0, 3, False)
    assert "0 of 3 chunks" in rows(server, filmed)[arn]["progress"]
    filmed.endpoints.stepfunctions.stop_execution(executionArn=arn)


def test_a_video_is_shown_with_contact_sheets(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/sheets.mp4")
    filmed.publish("in/sheets.mp4")
    filmed.keep_review("in/sheets.mp4")
    shown = view(server, filmed, arn)
    assert (shown["sheets"], shown["size"], shown["video"]) == (["before", "after"], [64, 48], True)
    for name in ("before", "after"):
        got = ask(server, f"/redactions/picture?{of(filmed, arn, name=name)}")
        assert (got.status, got.read()) == (200, sheet())


def test_what_belongs_to_a_later_upload_of_the_key_is_not_shown(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/twice.mp4")
    filmed.publish("in/twice.mp4", etag="later")
    filmed.keep_review("in/twice.mp4", etag="later")
    shown = view(server, filmed, arn)
    assert (shown["after"], shown["sheets"], shown["video"]) == (None, [], None)
    assert ask(server, f"/redactions/video?{of(filmed, arn)}").status == 404


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("pages=1-2", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
    ],
)
def test_the_redacted_video_is_served_in_parts(
    server: ConsoleServer,
    filmed: Filmed,
    asked: str | None,
    status: int,
    body: bytes,
    content_range: str | None,
) -> None:
    arn = filmed.run("in/parts.mp4")
    filmed.publish("in/parts.mp4")
    got = ask(server, f"/redactions/video?{of(filmed, arn)}", Range=asked)
    assert (got.status, got.read(), got.getheader("Content-Range")) == (status, body, content_range)
    assert (got.getheader("Content-Type"), got.getheader("Accept-Ranges")) == ("video/mp4", "bytes")
    assert "sandbox" in str(got.getheader("Content-Security-Policy"))


def test_an_object_of_another_type_is_not_served(server: ConsoleServer, filmed: Filmed) -> None:
    arn = filmed.run("in/page.mp4")
    filmed.publish("in/page.mp4", content_type="text/html")
    assert ask(server, f"/redactions/video?{of(filmed, arn)}").status == 404
    assert view(server, filmed, arn)["video"] is False


def test_an_execution_of_another_video_or_machine_is_not_shown(server: ConsoleServer, filmed: Filmed) -> None:
    filmed.publish("secret.mp4")
    outside = filmed.run("secret.mp4")
    for arn in (outside, outside.replace(":filmed:", ":other:"), "in/parts.mp4", ""):
        assert ask(server, f"/redactions/video?{of(filmed, arn)}").status == 404
        assert ask(server, f"/api/redaction/upload?{of(filmed, arn)}").status == 404
        assert ask(server, f"/redactions/picture?{of(filmed, arn, name='before')}").status == 404
