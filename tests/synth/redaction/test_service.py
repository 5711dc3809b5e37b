"""What a redaction service makes."""

from typing import Any

import pytest
from aws_cdk import RemovalPolicy, Stack, aws_kms, aws_s3, aws_sns
from tests.synth.image_workflow.nag import findings

from safelight import Detector, Redact, Style


def topic(stack: Stack) -> aws_sns.ITopic:
    return aws_sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:ops")


@pytest.mark.parametrize("calls", [1, 2, 5, 6, 25, 50])
def test_all_instances_together_stay_under_the_quota(build: Any, calls: int) -> None:
    built = build(calls_per_second=calls)
    assert built.mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert built.calls_per_second == pytest.approx(calls)


def test_the_default_is_the_lowest_quota_of_any_region(build: Any) -> None:
    assert build().calls_per_second == pytest.approx(5)


def test_only_a_message_that_fails_is_delivered_again(build: Any) -> None:
    assert build().mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert build().mapping["BatchSize"] == 1


def test_a_message_is_a_dead_letter_after_one_delivery_more_than_attempts(build: Any) -> None:
    queues = build().resources("AWS::SQS::Queue")
    (policy,) = (queue["RedrivePolicy"] for queue in queues if "RedrivePolicy" in queue)
    assert policy["maxReceiveCount"] == 10


def test_events_of_the_prefix_alone_reach_the_queue(build: Any) -> None:
    rules = build(source_prefix="incoming/").resources("AWS::Events::Rule")
    patterns = [rule["EventPattern"] for rule in rules]
    assert {pattern["detail-type"][0] for pattern in patterns} == {"Object Created", "Object Deleted"}
    assert all(pattern["detail"]["object"]["key"] == [{"prefix": "incoming/"}] for pattern in patterns)


def test_the_source_sends_its_events(build: Any) -> None:
    buckets = build().resources("AWS::S3::Bucket")
    assert [bucket for bucket in buckets if "EventBridgeConfiguration" in str(bucket)]


def test_the_detector_inside_the_function_brings_its_layers_in_place_of_camera_raw(build: Any) -> None:
    layers = {
        name.removeprefix("Redaction")[:-8]
        for layer in build(redact=Redact(detector=Detector.OPENCV)).resource("AWS::Lambda::Function")["Layers"]
        for name in layer.values()
    }
    assert layers == {"PowertoolsLayer", "HeifLayer", "OpencvLayer", "DetectorModelsLayer"}


def test_the_boxes_are_kept_in_a_private_bucket_with_the_key_and_the_removal_policy(build_own: Any) -> None:
    built = build_own(encryption_key=lambda stack: aws_kms.Key(stack, "Key"), removal_policy=RemovalPolicy.DESTROY)
    resources = built.document["Resources"].items()
    (reviews,) = (
        it for name, it in resources if name.startswith("RedactionReviews") and it["Type"] == "AWS::S3::Bucket"
    )
    assert reviews["DeletionPolicy"] == "Delete"
    assert set(reviews["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert "KMSMasterKeyID" in str(reviews["Properties"]["BucketEncryption"])


def test_every_alarm_notifies_the_topic_and_says_what_to_do(build_own: Any) -> None:
    built = build_own(alarm_topic=topic)
    alarms = built.resources("AWS::CloudWatch::Alarm")
    assert len(alarms) == len(built.service.alarms) == 3
    assert all(alarm["AlarmActions"] for alarm in alarms)


def test_without_a_topic_there_are_no_alarms(build: Any) -> None:
    assert build().resources("AWS::CloudWatch::Alarm") == []


def test_one_bucket_can_be_both_with_prefixes_that_do_not_overlap(build_own: Any) -> None:
    def bucket(stack: Stack) -> aws_s3.IBucket:
        found = stack.node.try_find_child("Both")
        return found if isinstance(found, aws_s3.Bucket) else aws_s3.Bucket(stack, "Both")

    built = build_own(source=bucket, destination=bucket, source_prefix="incoming/", destination_prefix="redacted/")
    assert built.service.queue


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(build_own: Any) -> None:
    built = build_own(
        redact=Redact(text=True, plates=True, style=Style.BLUR), source_prefix="incoming/", alarm_topic=topic
    )
    assert findings(built.app, below="Test/Redaction") == []


def test_an_event_that_cannot_be_delivered_is_a_dead_letter(build: Any) -> None:
    built = build()
    (queue,) = (it for it in built.resources("AWS::SQS::Queue") if "RedrivePolicy" in it)
    dead_letters = queue["RedrivePolicy"]["deadLetterTargetArn"]
    rules = built.resources("AWS::Events::Rule")
    assert [it["DeadLetterConfig"] for rule in rules for it in rule["Targets"]] == [{"Arn": dead_letters}] * len(rules)
    senders = [
        it
        for policy in built.resources("AWS::SQS::QueuePolicy")
        for it in policy["PolicyDocument"]["Statement"]
        if it["Effect"] == "Allow" and it["Resource"] == dead_letters
    ]
    assert len(senders) == len(rules)
