"""The buckets, functions, queues and rules of a delivery."""

import json
from typing import Any

import pytest
from aws_cdk import Duration, aws_s3
from aws_cdk.assertions import Annotations, Match

from safelight import Dialect, FocalPoint, Focus, ImageType, Limits, Preset, ResizeFit, Signing
from safelight_contracts.delivery.settings import settings_from_environment

CLOUDFRONT = {"Service": "cloudfront.amazonaws.com"}


def imported(stack: Any) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, "Existing", "holiday-photos")


def is_of_the_distribution(arn: Any) -> bool:
    return "distribution/" in json.dumps(arn) and "CdnDistribution" in json.dumps(arn)


def test_the_bucket_of_results_is_private_and_over_tls_only(build: Any) -> None:
    built = build()
    bucket = built.resource("AWS::S3::Bucket", "Results")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    statements = built.resource("AWS::S3::BucketPolicy", "Results")["PolicyDocument"]["Statement"]
    denied = [it["Condition"] for it in statements if it["Effect"] == "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in denied


def test_cloudfront_may_read_results_for_this_distribution_and_not_list_them(build: Any) -> None:
    statements = build().resource("AWS::S3::BucketPolicy", "Results")["PolicyDocument"]["Statement"]
    (allowed,) = (it for it in statements if it["Effect"] == "Allow")
    assert allowed["Action"] == "s3:GetObject"
    assert allowed["Principal"] == CLOUDFRONT
    assert is_of_the_distribution(allowed["Condition"]["StringEquals"]["aws:SourceArn"])


def test_cloudfront_may_read_nothing_else_in_the_bucket_of_results(build: Any) -> None:
    statements = build().resource("AWS::S3::BucketPolicy", "Results")["PolicyDocument"]["Statement"]
    (allowed,) = (it for it in statements if it["Effect"] == "Allow")
    assert allowed["Resource"]["Fn::Join"][1][-1] == "/r1/*"


@pytest.mark.parametrize(("kept", "days"), [(None, 30), (Duration.days(3), 3)])
def test_results_expire(build_own: Any, kept: Duration | None, days: int) -> None:
    rules = build_own(results_kept=kept).resource("AWS::S3::Bucket", "Results")["LifecycleConfiguration"]["Rules"]
    expiring = {it["Prefix"]: it["ExpirationInDays"] for it in rules if "ExpirationInDays" in it}
    assert expiring == {"r1/": days, "l1/": days, "f1/": days}


def test_the_url_of_the_function_takes_signed_requests_only(build: Any) -> None:
    assert build().resource("AWS::Lambda::Url")["AuthType"] == "AWS_IAM"


def test_this_distribution_alone_may_invoke_the_function(build: Any) -> None:
    permissions = build().resources("AWS::Lambda::Permission").values()
    assert {it["Action"] for it in permissions} == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    for permission in permissions:
        assert permission["Principal"] == CLOUDFRONT["Service"]
        assert is_of_the_distribution(permission["SourceArn"])
        assert permission["Action"] == "lambda:InvokeFunctionUrl" or permission["InvokedViaFunctionUrl"]


def test_every_change_of_a_source_is_forgotten(build: Any) -> None:
    built = build(key_prefix="public/")
    pattern = built.resource("AWS::Events::Rule")["EventPattern"]
    assert pattern["detail-type"] == ["Object Created", "Object Deleted"]
    assert "Photos" in json.dumps(pattern["detail"]["bucket"])
    assert pattern["detail"]["object"] == {"key": [{"prefix": "public/"}]}
    (queue,) = (name for name in built.resources("AWS::SQS::Queue") if name.startswith("CdnForgetQueue"))
    for rule in built.resources("AWS::Events::Rule").values():
        assert [it["Arn"] for it in rule["Targets"]] == [{"Fn::GetAtt": [queue, "Arn"]}]
    mapping = built.resource("AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert built.resources("AWS::SQS::Queue")[queue]["RedrivePolicy"]["deadLetterTargetArn"]


def longest_names(count: int) -> Any:
    """Imported buckets, because the names of new ones are not in the template."""
    return lambda stack: [
        aws_s3.Bucket.from_bucket_name(stack, f"Source{number}", f"photos-{number:02}-".ljust(63, "x"))
        for number in range(count)
    ]


def test_the_most_sources_fit_the_quotas_of_policies_and_event_patterns(build_own: Any) -> None:
    built = build_own(source=longest_names(20), key_prefix=f"{'p' * 31}/", signing=Signing.OPTIONAL)
    for policy in built.resources("AWS::SQS::QueuePolicy").values():
        document = policy["PolicyDocument"]
        assert len(document["Statement"]) <= 20
        assert len(json.dumps(document, separators=(",", ":"))) <= 8192
    for rule in built.resources("AWS::Events::Rule").values():
        assert len(json.dumps(rule["EventPattern"], separators=(",", ":"))) <= 2048
    for policy in built.resources("AWS::IAM::Policy").values():
        assert len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) <= 10_240


def test_changes_of_a_few_seconds_are_one_invalidation_and_two_are_made_at_once(build: Any) -> None:
    mapping = build().resource("AWS::Lambda::EventSourceMapping")
    assert mapping["BatchSize"] == 30
    assert mapping["MaximumBatchingWindowInSeconds"] == 5
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_a_bucket_of_the_app_sends_its_events(build: Any) -> None:
    photos = build().resources("AWS::S3::Bucket")
    (bucket,) = (it for name, it in photos.items() if name.startswith("Photos"))
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_a_warning_says_how_to_turn_on_the_events_of_an_imported_bucket(build_own: Any) -> None:
    built = build_own(source=imported)
    warnings = Annotations.from_stack(built.stack).find_warning("*", Match.any_value())
    expected = "imported bucket holiday-photos, or images of replaced and deleted objects stay. See"
    assert any(expected in str(it.entry.data) for it in warnings)


def test_the_functions_know_the_settings(build_own: Any) -> None:
    presets = {
        "face": Preset(width=320, height=320, fit=ResizeFit.COVER, focus=Focus.FACES, type=ImageType.WEBP),
        "left": Preset(width=320, height=320, fit=ResizeFit.COVER, focus=FocalPoint(x=0.25, y=0.5)),
    }
    built = build_own(
        source=imported,
        key_prefix="public/",
        presets=presets,
        sizes=[640, (320, 200), 320],
        dialect=Dialect.THUMBOR,
        fallback_key="public/none.png",
        limits=Limits(max_bytes=1_000),
        edge=False,
    )
    told = built.environment("Make")
    text = json.loads(json.dumps(built.stack.resolve(told["DELIVERY"])))
    settings = settings_from_environment({"DELIVERY": "".join(plain(text))})
    assert settings.scope == "Test.Cdn"
    assert [(it.bucket, it.prefix) for it in settings.sources] == [("holiday-photos", "public/")]
    assert settings.presets == {name: preset.parameters for name, preset in presets.items()}
    assert settings.sizes == ((320, None), (320, 200), (640, None))
    assert settings.dialect is Dialect.THUMBOR
    assert settings.signing is Signing.OFF
    assert settings.keys_secret is None
    assert not settings.has_edge
    assert settings.fallback_key == "public/none.png"
    assert told["MAX_BYTES"] == "1000"


def plain(value: Any) -> list[str]:
    """Return the parts of a joined text, each reference as a letter."""
    if isinstance(value, str):
        return [value]
    return [part if isinstance(part, str) else "x" for part in value["Fn::Join"][1]]


def test_the_function_that_forgets_knows_the_distribution_and_the_other_its_queue(build: Any) -> None:
    built = build()
    (distribution,) = built.resources("AWS::CloudFront::Distribution")
    assert built.environment("Forget")["DISTRIBUTION_ID"] == {"Ref": distribution}
    assert "CdnForgetQueue" in json.dumps(built.environment("Make")["DELIVERY"])


def test_concurrency_can_be_reserved(build: Any) -> None:
    built = build(reserved_concurrency=5)
    assert built.resource("AWS::Lambda::Function", "Make")["ReservedConcurrentExecutions"] == 5
    assert "ReservedConcurrentExecutions" not in build().resource("AWS::Lambda::Function", "Make")
