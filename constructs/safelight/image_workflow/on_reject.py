"""What happens to rejected uploads, and the quarantine bucket."""

from enum import Enum

from aws_cdk import Annotations, Duration, RemovalPolicy, aws_kms, aws_s3
from constructs import Construct

from safelight.core.buckets import private_bucket
from safelight.core.identity import bucket_label

_QUARANTINE = Duration.days(30)


class OnReject(Enum):
    """What happens to an upload whose image was rejected.

    An upload that was rejected for another reason is kept: its place, a newer upload of its key, a check that could not
    be made, or because it is a rendition.
    """

    KEEP = "KEEP"
    """It stays where it was uploaded."""
    QUARANTINE = "QUARANTINE"
    """It is moved to a private bucket under the same key, and deleted after 30 days."""
    DELETE = "DELETE"
    """The version that was uploaded is deleted permanently."""


def make_quarantine_bucket(
    scope: Construct, id: str, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_s3.Bucket:
    """Make a private bucket whose objects are deleted after 30 days.

    It is not a prefix of the upload bucket: keys can have S3's full length, and its objects start no workflow.
    """
    bucket = private_bucket(scope, id, encryption_key=encryption_key, removal_policy=removal_policy, versioned=True)
    # It keeps versions, so that two originals of one key are both there.
    bucket.add_lifecycle_rule(id="EmptyQuarantine", expiration=_QUARANTINE, noncurrent_version_expiration=_QUARANTINE)
    return bucket


def validate_versioning(scope: Construct, *, upload_bucket: aws_s3.IBucket, on_reject: OnReject) -> None:
    """Validate that a bucket is versioned if rejected uploads are moved or deleted.

    Without versions, a newer upload of the same key could be moved or deleted instead. For an imported bucket, this is
    unknown at synth, so a warning says what to do.

    Raises
    ------
    ValueError
        If the bucket belongs to the same app and is not versioned.
    """
    if on_reject is OnReject.KEEP:
        return
    l1 = upload_bucket.node.default_child
    if not isinstance(l1, aws_s3.CfnBucket):
        Annotations.of(scope).add_warning_v2(
            "safelight:versions-of-upload-bucket",
            f"on_reject={on_reject.value} needs versions. Turn on versioning for the imported bucket "
            f"{bucket_label(upload_bucket)}. Rejected uploads without a version are kept.",
        )
    elif getattr(l1.versioning_configuration, "status", None) != "Enabled":
        raise ValueError(
            f"on_reject={on_reject.value} needs a versioned upload bucket. Without versions, a newer upload of the "
            "same key could be deleted instead of the rejected one. Create upload_bucket with versioned=True, or omit "
            "on_reject."
        )
