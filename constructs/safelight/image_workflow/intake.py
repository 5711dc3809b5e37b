"""How an upload starts a workflow: the upload bucket, the EventBridge rule and its dead-letter queue."""

import re
from collections.abc import Iterable

from aws_cdk import (
    Annotations,
    Duration,
    RemovalPolicy,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_s3,
    aws_sqs,
    aws_stepfunctions,
)
from constructs import Construct

from safelight.core.buckets import private_bucket, same_bucket
from safelight.core.queues import dead_letter_queue

# EventBridge's own limits, which are its defaults too: an event is tried for a day, 185 times.
_MAX_EVENT_AGE = Duration.hours(24)
_MAX_ATTEMPTS = 185

_PREFIX = re.compile(r"(?:[A-Za-z0-9!_.()-]+/)+")


def check_prefix(argument: str, prefix: str) -> None:
    """Refuse a prefix that would not separate keys, or could not stand in a state machine's definition.

    Raises
    ------
    ValueError
        When it does not end with a slash, begins with one, or has characters beyond S3's safe ones.
    """
    if prefix and not _PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{argument}={prefix!r} must be like 'incoming/' or 'site/incoming/': it ends with a slash, does not "
            "begin with one, and has letters, digits and ! _ . ( ) - only."
        )


def make_upload_bucket(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> aws_s3.Bucket:
    """Make a versioned bucket that tells EventBridge of every object."""
    bucket = private_bucket(scope, id, removal_policy=removal_policy, versioned=True)
    l1 = bucket.node.default_child
    assert isinstance(l1, aws_s3.CfnBucket)  # noqa: S101
    # `event_bridge_enabled=True` does the same by a custom resource, with a function and a role of its own.
    l1.notification_configuration = aws_s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=aws_s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )
    return bucket


def tell_event_bridge(scope: Construct, bucket: aws_s3.IBucket) -> None:
    """See to it that a bucket which was brought along sends its events to EventBridge.

    A bucket of the same app is switched on. One from elsewhere is left alone, and a warning says what to do.
    """
    l1 = bucket.node.default_child
    if isinstance(l1, aws_s3.CfnBucket):
        if not getattr(l1.notification_configuration, "event_bridge_configuration", None):
            bucket.enable_event_bridge_notification()
        return
    Annotations.of(scope).add_warning_v2(
        "safelight:event-bridge-on-upload-bucket",
        f"EVENTBRIDGE MUST BE SWITCHED ON for the existing bucket {bucket.bucket_name}, or no upload will ever start "
        "this workflow. See 'Amazon EventBridge' under the bucket's Properties in the S3 console, or run "
        "`aws s3api put-bucket-notification-configuration` with an EventBridgeConfiguration added to what "
        "`aws s3api get-bucket-notification-configuration` prints now (the command replaces the whole configuration). "
        "If the bucket is encrypted with a KMS key of yours, bring it along by Bucket.from_bucket_attributes with its "
        "encryption_key, or the functions may not decrypt an upload.",
    )


def refuse_loop(
    scope: Construct,
    *,
    upload_bucket: aws_s3.IBucket,
    key_prefix: str,
    published_bucket: aws_s3.IBucket,
    published_prefix: str,
) -> None:
    """Refuse a workflow whose renditions would be uploads.

    Raises
    ------
    ValueError
        When a rendition's key would match the prefix that starts the workflow, in the same bucket.
    """
    if not same_bucket(scope, upload_bucket, published_bucket):
        return
    # A rendition's key is the upload's own, which begins with key_prefix, after published_prefix.
    if not f"{published_prefix}{key_prefix}".startswith(key_prefix):
        return
    raise ValueError(
        f"{scope.node.path}: published_bucket is upload_bucket, and a rendition under "
        f"published_prefix={published_prefix!r} would start the workflow again, as key_prefix={key_prefix!r} matches "
        "it: an endless loop. Leave published_bucket out, or give prefixes that keep them apart, such as "
        "key_prefix='incoming/' and published_prefix='published/'."
    )


def refuse_shared_uploads(
    scope: Construct,
    *,
    upload_bucket: aws_s3.IBucket,
    key_prefix: str,
    others: Iterable[tuple[str, aws_s3.IBucket, str]],
) -> None:
    """Refuse a workflow that answers uploads which another workflow of the app answers.

    Parameters
    ----------
    others
        Path, upload bucket and key prefix of each.

    Raises
    ------
    ValueError
        When one upload would have two outcomes.
    """
    for path, bucket, prefix in others:
        if same_bucket(scope, upload_bucket, bucket) and (
            key_prefix.startswith(prefix) or prefix.startswith(key_prefix)
        ):
            shared = max(key_prefix, prefix, key=len)
            raise ValueError(
                f"{scope.node.path} and {path} would both answer uploads under {shared!r} of one bucket, and an upload "
                "has one outcome: give each an upload_bucket of its own, or a key_prefix that keeps them apart."
            )


def object_events(detail_type: str, *, bucket: aws_s3.IBucket, key_prefix: str) -> aws_events.EventPattern:
    """Match S3's events of one type on the objects of a bucket whose keys begin with a prefix.

    Parameters
    ----------
    detail_type
        Such as `Object Created`.
    key_prefix
        Empty for all keys.
    """
    return aws_events.EventPattern(
        source=["aws.s3"],
        detail_type=[detail_type],
        detail={
            "bucket": {"name": [bucket.bucket_name]},
            **({"object": {"key": [{"prefix": key_prefix}]}} if key_prefix else {}),
        },
    )


def start_on_upload(
    scope: Construct,
    *,
    upload_bucket: aws_s3.IBucket,
    key_prefix: str,
    state_machine: aws_stepfunctions.IStateMachine,
    live: aws_stepfunctions.CfnStateMachineAlias,
    removal_policy: RemovalPolicy,
) -> tuple[aws_events.Rule, aws_sqs.Queue]:
    """Make the rule that starts one execution an upload, and the queue of events that could not be delivered.

    Parameters
    ----------
    live
        The alias of the state machine that the rule starts.
    """
    dead_letters = dead_letter_queue(scope, "DeadLetters", removal_policy=removal_policy)
    rule = aws_events.Rule(
        scope,
        "Uploaded",
        description="Starts the image workflow for every object created in the upload bucket",
        event_pattern=object_events("Object Created", bucket=upload_bucket, key_prefix=key_prefix),
    )
    starter = aws_iam.Role(
        scope,
        "StarterRole",
        assumed_by=aws_iam.ServicePrincipal("events.amazonaws.com"),
        description="What the rule of the image workflow may do",
    )
    # Step Functions asks IAM about the state machine's ARN, with the alias as a condition key: a policy on the
    # alias's own ARN allows nothing.
    starter.add_to_policy(
        aws_iam.PolicyStatement(
            actions=["states:StartExecution"],
            resources=[state_machine.state_machine_arn],
            conditions={"ForAnyValue:StringEquals": {"states:StateMachineQualifier": [live.name]}},
        )
    )
    rule.add_target(
        aws_events_targets.SfnStateMachine(
            state_machine,
            # Its own grant would be for every version, and for what is not released.
            role=starter.without_policy_updates(),
            dead_letter_queue=dead_letters,
            retry_attempts=_MAX_ATTEMPTS,
            max_event_age=_MAX_EVENT_AGE,
        )
    )
    l1 = rule.node.default_child
    assert isinstance(l1, aws_events.CfnRule)  # noqa: S101
    # The CDK's target knows state machines and no aliases.
    l1.add_property_override("Targets.0.Arn", live.ref)
    return rule, dead_letters
