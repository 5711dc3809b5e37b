"""Each role may do what its work needs, and nothing more."""

import json
import re
from typing import Any

import pytest
from aws_cdk import Stack, aws_kms, aws_s3
from tests.synth.image_workflow.templates import WorkflowTemplate

from safelight import Focus, Preset, ResizeFit, Signing

LOGGING = {("logs:CreateLogStream", "Logs"), ("logs:PutLogEvents", "Logs")}
TRACING = {("xray:PutTelemetryRecords", "*"), ("xray:PutTraceSegments", "*")}
EVERYWHERE = LOGGING | TRACING
READING = {("s3:GetObject", "Photos/public/*"), ("s3:ListBucket", "Photos")}
STORING = {
    ("s3:GetObject", "CdnResults/*"),
    ("s3:PutObject", "CdnResults/*"),
    ("s3:DeleteObject", "CdnResults/*"),
    ("s3:ListBucket", "CdnResults"),
}
KEYS = {("secretsmanager:GetSecretValue", "CdnSigningKeys")}
DETECTING = {("rekognition:DetectFaces", "*"), ("rekognition:DetectModerationLabels", "*")}
REPORTING = {("sqs:SendMessage", "CdnForgetQueue")}
CONSUMING = {
    (f"sqs:{action}", "CdnForgetQueue")
    for action in (
        "ReceiveMessage",
        "ChangeMessageVisibility",
        "GetQueueUrl",
        "DeleteMessage",
        "GetQueueAttributes",
    )
}
FACES = {"face": Preset(width=1, height=1, fit=ResizeFit.COVER, focus=Focus.FACES)}


def allowed(built: Any, id: str) -> set[tuple[str, str]]:
    """What the role of a function may do, each resource by the id of its construct."""
    permissions = WorkflowTemplate(built.document).permissions()
    (role,) = (name for name in permissions if name.startswith(f"Cdn{id}Role"))
    return {(it.action, named(json.loads(it.on))) for it in permissions[role]}


def named(resource: Any) -> str:
    match resource:
        case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
            return "Logs" if "Logs" in name else re.sub("[0-9A-F]{8}$", "", str(name))
        case {"Fn::Join": [_, parts]}:
            return "".join(named(part) for part in parts if part != {"Ref": "AWS::Partition"})
    return re.sub(r"^arn:|:cloudfront::111122223333:", "", str(resource))


def test_the_maker_reads_sources_under_the_prefix_and_keeps_results(build: Any) -> None:
    assert allowed(build(key_prefix="public/"), "Make") == LOGGING | READING | STORING | REPORTING


def test_the_maker_asks_rekognition_for_faces_if_a_preset_does(build: Any) -> None:
    extra = allowed(build(key_prefix="public/", presets=FACES), "Make") - allowed(build(key_prefix="public/"), "Make")
    assert extra == {("rekognition:DetectFaces", "*")}


@pytest.mark.parametrize("signing", [Signing.OPTIONAL, Signing.REQUIRED])
def test_with_signing_the_maker_reads_the_keys_and_may_ask_rekognition(build: Any, signing: Signing) -> None:
    built = build(key_prefix="public/", presets={}, signing=signing)
    assert allowed(built, "Make") == LOGGING | READING | STORING | REPORTING | KEYS | DETECTING


def test_the_function_that_forgets_deletes_results_and_invalidates_this_distribution(build: Any) -> None:
    assert allowed(build(), "Forget") == EVERYWHERE | CONSUMING | {
        ("s3:ListBucket", "CdnResults"),
        ("s3:DeleteObject", "CdnResults/r1/*"),
        ("s3:DeleteObject", "CdnResults/f1/*"),
        ("cloudfront:CreateInvalidation", "distribution/CdnDistribution"),
    }


def test_without_an_edge_nothing_is_invalidated_or_reported(build: Any) -> None:
    built = build(key_prefix="public/", edge=False)
    assert allowed(built, "Make") == LOGGING | READING | STORING
    assert "cloudfront:CreateInvalidation" not in {action for action, _ in allowed(built, "Forget")}


def encrypted(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket(stack, "Photos", encryption_key=aws_kms.Key(stack, "PhotosKey"))


def test_the_maker_decrypts_sources_with_their_bucket_s_key(build_own: Any) -> None:
    built = build_own(source=encrypted)
    assert ("kms:Decrypt", "PhotosKey") in allowed(built, "Make")
    assert not [it for it in allowed(built, "Forget") if it[1] == "PhotosKey"]


def test_every_source_can_be_read(build_own: Any) -> None:
    built = build_own(source=lambda stack: [aws_s3.Bucket(stack, name) for name in ("One", "Other")])
    read = {on for action, on in allowed(built, "Make") if action == "s3:GetObject"}
    assert read == {"One/*", "Other/*", "CdnResults/*"}
