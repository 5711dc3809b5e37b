"""EventBridge notifications of a bucket, with and without other notifications."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack, aws_s3, aws_s3_notifications, aws_sqs
from aws_cdk.assertions import Template

from safelight.core.buckets import enable_event_bridge, make_event_bucket

CUSTOM = "Custom::S3BucketNotifications"
OTHERWISE = "nothing starts"


def resources(stack: Stack, type_name: str) -> list[dict[str, Any]]:
    return [found.get("Properties", {}) for found in Template.from_stack(stack).find_resources(type_name).values()]


def notify_queue(stack: Stack, bucket: aws_s3.IBucket) -> None:
    queue = aws_sqs.Queue(stack, "Queue")
    bucket.add_event_notification(aws_s3.EventType.OBJECT_CREATED, aws_s3_notifications.SqsDestination(queue))


def an_l1(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_cfn_bucket(aws_s3.CfnBucket(stack, "Bucket"))


@pytest.mark.parametrize("make", [lambda stack: aws_s3.Bucket(stack, "Bucket"), an_l1], ids=["L2", "L1"])
def test_a_bucket_without_notifications_needs_no_custom_resource(make: Callable[[Stack], aws_s3.IBucket]) -> None:
    stack = Stack(App(), "Photos")
    enable_event_bridge(stack, make(stack), otherwise=OTHERWISE)
    (bucket,) = resources(stack, "AWS::S3::Bucket")
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert resources(stack, CUSTOM) == []


def test_notifications_in_the_bucket_s_own_property_stay() -> None:
    stack = Stack(App(), "Photos")
    l1 = aws_s3.CfnBucket(stack, "Bucket")
    configuration = {"Event": "s3:ObjectCreated:*", "Topic": "arn:aws:sns:eu-west-1:111122223333:uploads"}
    l1.add_property_override("NotificationConfiguration.TopicConfigurations", [configuration])
    enable_event_bridge(stack, aws_s3.Bucket.from_cfn_bucket(l1), otherwise=OTHERWISE)
    (bucket,) = resources(stack, "AWS::S3::Bucket")
    assert bucket["NotificationConfiguration"] == {
        "TopicConfigurations": [configuration],
        "EventBridgeConfiguration": {"EventBridgeEnabled": True},
    }


def enabled_first(stack: Stack) -> None:
    bucket = aws_s3.Bucket(stack, "Bucket")
    enable_event_bridge(stack, bucket, otherwise=OTHERWISE)
    notify_queue(stack, bucket)


def enabled_last(stack: Stack) -> None:
    bucket = aws_s3.Bucket(stack, "Bucket")
    notify_queue(stack, bucket)
    enable_event_bridge(stack, bucket, otherwise=OTHERWISE)


def of_our_own_bucket(stack: Stack) -> None:
    notify_queue(stack, make_event_bucket(stack, "Bucket", encryption_key=None, removal_policy=RemovalPolicy.DESTROY))


@pytest.mark.parametrize("build", [enabled_first, enabled_last, of_our_own_bucket])
def test_one_resource_writes_notifications_of_the_cdk_and_of_event_bridge(build: Callable[[Stack], None]) -> None:
    stack = Stack(App(), "Photos")
    build(stack)
    (custom,) = resources(stack, CUSTOM)
    assert custom["NotificationConfiguration"]["EventBridgeConfiguration"] == {}
    assert len(custom["NotificationConfiguration"]["QueueConfigurations"]) == 1
    (bucket,) = resources(stack, "AWS::S3::Bucket")
    assert "NotificationConfiguration" not in bucket


def test_a_bucket_that_is_enabled_by_its_own_argument_stays_enabled() -> None:
    stack = Stack(App(), "Photos")
    enable_event_bridge(stack, aws_s3.Bucket(stack, "Bucket", event_bridge_enabled=True), otherwise=OTHERWISE)
    (custom,) = resources(stack, CUSTOM)
    assert custom["NotificationConfiguration"] == {"EventBridgeConfiguration": {}}
