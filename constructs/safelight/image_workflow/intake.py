"""Which uploads a workflow takes: prefixes and buckets that contradict one another are errors."""

import re
from collections.abc import Iterable

from aws_cdk import aws_s3
from constructs import Construct

from safelight.core.buckets import same_bucket

_PREFIX = re.compile(r"(?:[A-Za-z0-9!_.()-]+/)+")


def validate_prefix(argument: str, prefix: str) -> None:
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


def validate_no_loop(
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


def validate_separate_uploads(
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
