"""The bucket of results, which forgets those that are old."""

from aws_cdk import Duration, RemovalPolicy, aws_kms, aws_s3
from constructs import Construct

from safelight.core.buckets import private_bucket

_KEPT = Duration.days(30)


def make_results_bucket(
    scope: Construct,
    id: str,
    *,
    kept: Duration | None,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> aws_s3.Bucket:
    """Make the bucket. An expired result is made again when somebody asks for it.

    Raises
    ------
    ValueError
        If ``kept`` is not in whole days.
    """
    days = validate_kept(kept)
    bucket = private_bucket(scope, id, encryption_key=encryption_key, removal_policy=removal_policy)
    bucket.add_lifecycle_rule(id="ExpireResults", expiration=days)
    return bucket


def validate_kept(kept: Duration | None) -> Duration:
    """Return how long a result is kept. Default: 30 days.

    Raises
    ------
    ValueError
        If it is not in whole days.
    """
    days = _KEPT if kept is None else kept
    if days.to_seconds() < Duration.days(1).to_seconds() or days.to_seconds() % Duration.days(1).to_seconds():
        raise ValueError(
            f"results_kept is {days.to_human_string()}. S3 expires objects after whole days: use Duration.days(1) or "
            "more."
        )
    return days
