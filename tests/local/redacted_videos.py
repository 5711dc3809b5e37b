"""A deployed redaction of videos in the emulator, made by AWS's own APIs, whose state machine covers nothing."""

import io
import json
from dataclasses import dataclass
from typing import Any

from PIL import Image
from tests.local.emulator_clients import wait_until
from tests.local.lambda_functions import create_role
from tests.local.redactions import make_stack

from safelight_contracts.redaction.reviews import FrameBoxes, TrackBox, VideoReview, after_key, before_key, boxes_key
from safelight_local.emulator.endpoints import Endpoints

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

    def publish(
        self, key: str, *, body: bytes = b"0123456789", etag: str = "e", content_type: str = "video/mp4"
    ) -> None:
        self.endpoints.s3.put_object(
            Bucket=DESTINATION,
            Key=key,
            Body=body,
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


def deploy_video_redaction(endpoints: Endpoints) -> Filmed:
    """Make buckets, a state machine, and the stack ``Filmed`` with outputs that name them."""
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
