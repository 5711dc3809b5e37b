"""The buckets that a delivery delivers from."""

from collections.abc import Sequence

from aws_cdk import aws_events, aws_s3
from constructs import Construct

from safelight.core.buckets import enable_event_bridge
from safelight.core.events import events_of_buckets, make_rules
from safelight.core.identity import bucket_label, location, same_bucket, stack_location

# A role has 10 KB for its policies, and an event pattern 2,048 characters for the names of all buckets.
_MAX_BUCKETS = 20
_CHANGES = ("Object Created", "Object Deleted")


def validate_sources(scope: Construct, source: aws_s3.IBucket | Sequence[aws_s3.IBucket]) -> tuple[aws_s3.IBucket, ...]:
    """Return the buckets.

    Raises
    ------
    ValueError
        If there are none, more than 20, one is there twice, or one is in another account or region.
    """
    buckets = tuple(source) if isinstance(source, Sequence) else (source,)
    if not buckets:
        raise ValueError("source is empty, so there is nothing to deliver. Add a bucket.")
    if len(buckets) > _MAX_BUCKETS:
        raise ValueError(f"source has {len(buckets)} buckets. The maximum is {_MAX_BUCKETS}: make another delivery.")
    here = stack_location(scope)
    for index, bucket in enumerate(buckets):
        if any(same_bucket(bucket, other) for other in buckets[:index]):
            raise ValueError(f"source has the bucket {bucket_label(bucket)} twice. Remove one.")
        if not location(bucket).can_equal(here):
            raise ValueError(
                f"{scope.node.path}: source {bucket.node.path} is in {location(bucket)}, and the delivery in {here}. "
                "S3 sends a bucket's events only to the account and region of the bucket, so old pixels would stay "
                "after a change. Put the delivery into a stack of that account and region: CloudFront delivers from "
                "there to everywhere."
            )
    return buckets


def make_source_rules(
    scope: Construct,
    id: str,
    *,
    sources: Sequence[aws_s3.IBucket],
    key_prefix: str,
    target: aws_events.IRuleTarget,
) -> list[aws_events.Rule]:
    """Make the rule for every source that is created, replaced or deleted, and let the buckets send these events.

    Returns
    -------
    list of Rule
        Empty if there are no buckets.

    Raises
    ------
    ValueError
        If the names of the buckets and the prefix are too long for one rule.
    """
    for bucket in sources:
        enable_event_bridge(scope, bucket, otherwise="images of replaced and deleted objects stay")
    return make_rules(
        scope,
        id,
        description="Notifies the image delivery of every source that is replaced or deleted",
        event_patterns=[events_of_buckets(_CHANGES, buckets=sources, key_prefix=key_prefix)] if sources else [],
        target=target,
    )
