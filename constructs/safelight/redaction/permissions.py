"""What the functions of redaction may do with objects."""

from aws_cdk import aws_iam, aws_s3

from safelight.core.permissions import allow


def allow_reading(role: aws_iam.Role, *, bucket: aws_s3.IBucket, prefix: str) -> None:
    """Allow a role to read each version of the objects under a prefix."""
    allow(role, "s3:GetObject", "s3:GetObjectVersion", on=bucket.arn_for_objects(f"{prefix}*"))
    _allow_listing(role, bucket=bucket)
    if bucket.encryption_key:
        bucket.encryption_key.grant_decrypt(role)


def allow_keeping(role: aws_iam.Role, *actions: str, bucket: aws_s3.IBucket, prefix: str) -> None:
    """Allow a role actions on the objects under a prefix, among them those that write."""
    allow(role, *actions, on=bucket.arn_for_objects(f"{prefix}*"))
    _allow_listing(role, bucket=bucket)
    if bucket.encryption_key:
        bucket.encryption_key.grant_encrypt_decrypt(role)


def _allow_listing(role: aws_iam.Role, *, bucket: aws_s3.IBucket) -> None:
    # Without it, S3 answers 403 for a missing object, and a deleted upload would not be known from one that the
    # function may not read.
    allow(role, "s3:ListBucket", on=bucket.bucket_arn)
