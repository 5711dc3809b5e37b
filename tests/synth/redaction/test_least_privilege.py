"""The role may do what its work needs, and nothing more."""

import json
from typing import Any

import pytest
from aws_cdk import aws_kms, aws_s3
from tests.synth.delivery.test_least_privilege import EVERYWHERE, named
from tests.synth.image_workflow.templates import WorkflowTemplate

from safelight import Detector, Redact

COPYING = {
    ("s3:GetObject", "Source/incoming/*"),
    ("s3:GetObjectVersion", "Source/incoming/*"),
    ("s3:ListBucket", "Source"),
    ("s3:GetObject", "Destination/redacted/incoming/*"),
    ("s3:PutObject", "Destination/redacted/incoming/*"),
    ("s3:DeleteObject", "Destination/redacted/incoming/*"),
    ("s3:ListBucket", "Destination"),
    ("s3:GetObject", "RedactionReviews/reviews/*"),
    ("s3:PutObject", "RedactionReviews/reviews/*"),
    ("s3:DeleteObject", "RedactionReviews/reviews/*"),
    ("s3:ListBucket", "RedactionReviews"),
}
CONSUMING = {
    (f"sqs:{action}", "RedactionUploadsQueue")
    for action in (
        *("ReceiveMessage", "ChangeMessageVisibility", "GetQueueUrl", "DeleteMessage", "GetQueueAttributes"),
    )
}
PREFIXES = {"source_prefix": "incoming/", "destination_prefix": "redacted/"}


def allowed(built: Any) -> set[tuple[str, str]]:
    """What the role of the function may do, each resource by the id of its construct. The bus is ``Bus``."""
    permissions = WorkflowTemplate(built.document).permissions()
    (role,) = (name for name in permissions if name.startswith("RedactionPhotoRole"))
    return {
        (it.action, "Bus" if it.action == "events:PutEvents" else named(json.loads(it.on))) for it in permissions[role]
    }


USUAL = EVERYWHERE | COPYING | CONSUMING | {("events:PutEvents", "Bus")}


@pytest.mark.parametrize(
    ("redact", "calls"),
    [
        (Redact(), {"DetectFaces"}),
        (Redact(faces=False, text=True), {"DetectText"}),
        (Redact(faces=False, plates=True), {"DetectText", "DetectLabels"}),
        (Redact(text=True, plates=True), {"DetectFaces", "DetectText", "DetectLabels"}),
        (Redact(detector=Detector.OPENCV), set()),
    ],
)
def test_the_function_reads_uploads_keeps_copies_and_asks_for_what_it_covers(
    build: Any, redact: Redact, calls: set[str]
) -> None:
    assert allowed(build(redact=redact, **PREFIXES)) == USUAL | {(f"rekognition:{call}", "*") for call in calls}


def encrypted(id: str) -> Any:
    return lambda stack: aws_s3.Bucket.from_bucket_attributes(
        stack, id, bucket_name=id.lower(), encryption_key=aws_kms.Key(stack, f"{id}Key")
    )


def test_the_keys_of_the_buckets_are_used_as_the_bucket_needs(build_own: Any) -> None:
    built = build_own(source=encrypted("Source"), destination=encrypted("Destination"))
    with_keys = {(action, on) for action, on in allowed(built) if action.startswith("kms:")}
    assert ("kms:Decrypt", "SourceKey") in with_keys
    assert {on for action, on in with_keys if action.startswith("kms:GenerateDataKey")} == {"DestinationKey"}
