"""What becomes of uploads that are rejected, and the bucket where they can wait for a second look."""

from enum import Enum

from aws_cdk import Annotations, Duration, RemovalPolicy, aws_s3
from constructs import Construct

from safelight.core.buckets import private_bucket

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
    bucket = private_bucket(scope, id, removal_policy=removal_policy, versioned=True)
    # It keeps versions, so that two originals of one key are both there.
    bucket.add_lifecycle_rule(id="EmptyQuarantine", expiration=_QUARANTINE, noncurrent_version_expiration=_QUARANTINE)
    return bucket


def validate_versioning(scope: Construct, *, upload_bucket: aws_s3.IBucket, on_reject: OnReject) -> None:
    """Refuse to move or delete uploads of a bucket without versions, where another upload could go in their place.

    Whether a bucket from elsewhere keeps versions is not known here: a warning says what it is for.

    Raises
    ------
    ValueError
        When the bucket is of the same app and keeps no versions.
    """
    if on_reject is OnReject.KEEP:
        return
    l1 = upload_bucket.node.default_child
    if not isinstance(l1, aws_s3.CfnBucket):
        Annotations.of(scope).add_warning_v2(
            "safelight:versions-of-upload-bucket",
            f"on_reject={on_reject.value} works on uploads that have a version: switch versioning on for the existing "
            f"bucket {upload_bucket.bucket_name}. Rejected uploads without a version are kept where they are.",
        )
    elif getattr(l1.versioning_configuration, "status", None) != "Enabled":
        raise ValueError(
            f"on_reject={on_reject.value} needs an upload bucket that keeps versions: without them a newer upload of "
            "the same key could be deleted in place of the rejected one. Give upload_bucket versioned=True, or leave "
            "on_reject out."
        )
