"""What becomes of uploads that are rejected, and the bucket where they can wait for a second look."""

from enum import Enum

from aws_cdk import Duration, RemovalPolicy, aws_s3
from constructs import Construct

from safelight.buckets import private_bucket

_QUARANTINE = Duration.days(30)


class OnReject(Enum):
    """What becomes of an upload that a look at the image rejected.

    An upload that was rejected for something else is kept: for its place, because a newer one of its key came, or
    because a check could not be made.
    """

    KEEP = "KEEP"
    """It stays where it was uploaded."""
    QUARANTINE = "QUARANTINE"
    """It is moved, under the same key, to a private bucket that is emptied after 30 days."""
    DELETE = "DELETE"
    """It is deleted for good: of a versioned bucket, the version that was uploaded."""


def make_quarantine_bucket(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> aws_s3.Bucket:
    """Make a private bucket whose objects are deleted after 30 days.

    It is no prefix of the upload bucket: keys may be as long as S3 takes, and nothing in there is ever an upload.
    """
    bucket = private_bucket(scope, id, removal_policy=removal_policy)
    bucket.add_lifecycle_rule(id="EmptyQuarantine", expiration=_QUARANTINE)
    return bucket
