"""The bucket of the images that checks look at."""

from aws_cdk import Duration, RemovalPolicy, aws_kms, aws_s3
from constructs import Construct

from safelight.core.buckets import private_bucket


def make_analysis_bucket(
    scope: Construct, id: str, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_s3.Bucket:
    """Make a private bucket for the images that checks look at, which are copies. It deletes them after a day."""
    bucket = private_bucket(scope, id, encryption_key=encryption_key, removal_policy=removal_policy)
    bucket.add_lifecycle_rule(id="DeleteAnalysisImages", expiration=Duration.days(1))
    return bucket
