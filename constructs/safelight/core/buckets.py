"""The buckets: uploads come into one, renditions go out by another, checks look at images in a third."""

from aws_cdk import Duration, RemovalPolicy, Stack, aws_s3
from constructs import Construct


def private_bucket(
    scope: Construct, id: str, *, removal_policy: RemovalPolicy, versioned: bool = False
) -> aws_s3.Bucket:
    """Make a bucket that is private, encrypted and reached by TLS 1.2 or newer alone.

    Parameters
    ----------
    removal_policy
        What becomes of it when the stack goes. CloudFormation deletes an empty bucket only.
    versioned
        Keep every version of an object, so that nobody can overwrite an upload that is under way.
    """
    return aws_s3.Bucket(
        scope,
        id,
        versioned=versioned,
        block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=aws_s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        lifecycle_rules=[
            aws_s3.LifecycleRule(id="AbortIncompleteUploads", abort_incomplete_multipart_upload_after=Duration.days(7))
        ],
        removal_policy=removal_policy,
    )


def make_analysis_bucket(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> aws_s3.Bucket:
    """Make a private bucket for the images that checks look at. They are copies, and are deleted after a day."""
    bucket = private_bucket(scope, id, removal_policy=removal_policy)
    bucket.add_lifecycle_rule(id="DeleteAnalysisImages", expiration=Duration.days(1))
    return bucket


def same_bucket(scope: Construct, one: aws_s3.IBucket, other: aws_s3.IBucket) -> bool:
    """Tell whether two references mean one bucket, as far as it can be known at synth."""
    stack = Stack.of(scope)
    return bool(stack.resolve(one.bucket_name) == stack.resolve(other.bucket_name))
