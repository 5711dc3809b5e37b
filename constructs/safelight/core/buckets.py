"""S3 buckets, and their events."""

import jsii
from aws_cdk import Annotations, Aspects, Duration, IAspect, RemovalPolicy, aws_kms, aws_s3
from constructs import Construct, IConstruct

from safelight.core.identity import bucket_label


def private_bucket(
    scope: Construct,
    id: str,
    *,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
    versioned: bool = False,
) -> aws_s3.Bucket:
    """Make a private, encrypted bucket that accepts TLS 1.2 or newer only.

    Parameters
    ----------
    encryption_key
        ``None`` encrypts with S3's own keys.
    removal_policy
        What happens to the bucket when the stack is deleted. CloudFormation deletes an empty bucket only.
    versioned
        Keep every version of an object, so that nobody can overwrite an object while it is processed.
    """
    return aws_s3.Bucket(
        scope,
        id,
        versioned=versioned,
        block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=aws_s3.BucketEncryption.KMS if encryption_key else aws_s3.BucketEncryption.S3_MANAGED,
        encryption_key=encryption_key,
        # One data key for many objects: KMS is asked less often.
        bucket_key_enabled=encryption_key is not None,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        lifecycle_rules=[
            aws_s3.LifecycleRule(id="AbortIncompleteUploads", abort_incomplete_multipart_upload_after=Duration.days(7))
        ],
        removal_policy=removal_policy,
    )


def make_event_bucket(
    scope: Construct, id: str, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_s3.Bucket:
    """Make a versioned private bucket that sends its events to EventBridge."""
    bucket = private_bucket(scope, id, encryption_key=encryption_key, removal_policy=removal_policy, versioned=True)
    enable_event_bridge(scope, bucket, otherwise="no object starts an execution")
    return bucket


@jsii.implements(IAspect)
class _EventBridgeEnabled:
    """Turns on EventBridge notifications of a bucket when the app is complete: only then are its others known."""

    def __init__(self, bucket: aws_s3.IBucket, l1: aws_s3.CfnBucket) -> None:
        self._bucket, self._l1 = bucket, l1

    def visit(self, node: IConstruct) -> None:
        if node.node.addr != self._bucket.node.addr:
            return
        others = node.node.try_find_child("Notifications")
        if others is not None and others.node.try_find_child("Resource") is not None:
            # The CDK's custom resource replaces what the bucket's own property says.
            self._bucket.enable_event_bridge_notification()
            return
        # `enable_event_bridge_notification` would make that custom resource, which has its own function and role.
        path = "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"
        self._l1.add_property_override(path, value=True)


def enable_event_bridge(scope: Construct, bucket: aws_s3.IBucket, *, otherwise: str) -> None:
    """Turn on EventBridge notifications of a bucket. For an imported bucket, a warning says how to turn them on.

    Parameters
    ----------
    otherwise
        What happens without notifications, for the warning.
    """
    l1 = bucket.node.default_child
    if isinstance(l1, aws_s3.CfnBucket):
        Aspects.of(bucket).add(_EventBridgeEnabled(bucket, l1))
        return
    Annotations.of(scope).add_warning_v2(
        "safelight:event-bridge-on-bucket",
        f"Turn on EventBridge notifications for the imported bucket {bucket_label(bucket)}, or {otherwise}. "
        "See 'Amazon EventBridge' under the bucket's Properties in the S3 console, or run "
        "`aws s3api put-bucket-notification-configuration` with an EventBridgeConfiguration added to what "
        "`aws s3api get-bucket-notification-configuration` prints now (the command replaces the whole configuration). "
        "If the bucket is encrypted with your own KMS key, import it by Bucket.from_bucket_attributes with its "
        "encryption_key, or the functions cannot decrypt its objects.",
    )
