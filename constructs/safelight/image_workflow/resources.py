"""The buckets, table and bus of a workflow: the user's own, or made for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, aws_dynamodb, aws_events, aws_kms, aws_s3
from constructs import Construct

from safelight.core.buckets import enable_event_bridge, make_event_bucket, private_bucket
from safelight.core.tables import make_table
from safelight.image_workflow.analysis import make_analysis_bucket
from safelight.image_workflow.environments import validate_environments
from safelight.image_workflow.on_reject import OnReject, make_quarantine_bucket, validate_versioning

# A failed execution can be redriven for 14 days, and needs the version that it processes.
_NONCURRENT = Duration.days(30)


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The buckets, table and bus of a workflow.

    Parameters
    ----------
    analysis_bucket, quarantine_bucket
        ``None`` if the workflow does not use them.
    made_buckets
        Those that are not the user's own.
    """

    upload_bucket: aws_s3.IBucket
    published_bucket: aws_s3.IBucket
    analysis_bucket: aws_s3.Bucket | None
    quarantine_bucket: aws_s3.Bucket | None
    made_buckets: tuple[aws_s3.IBucket, ...]
    records: aws_dynamodb.ITable
    event_bus: aws_events.IEventBus

    @property
    def copies(self) -> tuple[aws_s3.Bucket, ...]:
        """The buckets with copies of uploads."""
        copies = (self.analysis_bucket, self.quarantine_bucket)
        return tuple(bucket for bucket in copies if bucket is not None)

    def objects(self, *, key_prefix: str, published_prefix: str) -> list[tuple[aws_s3.IBucket, str]]:
        """Return each bucket, and the prefix of the objects that the steps read or write there."""
        buckets = (self.upload_bucket, *self.copies)
        return [*((bucket, key_prefix) for bucket in buckets), (self.published_bucket, published_prefix)]


def make_resources(
    scope: Construct,
    *,
    upload_bucket: aws_s3.IBucket | None,
    published_bucket: aws_s3.IBucket | None,
    records: aws_dynamodb.ITable | None,
    event_bus: aws_events.IEventBus | None,
    prepares: bool,
    on_reject: OnReject,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
    keep_noncurrent: Duration | None,
) -> Resources:
    """Make what the user did not bring along.

    Parameters
    ----------
    prepares
        Whether the workflow makes images for its checks.
    encryption_key
        Encrypts what is made. Without it, the copies of uploads are encrypted with the key of the user's upload bucket,
        if it has one: an upload is as well protected as its copy.

    Raises
    ------
    ValueError
        If ``on_reject`` needs versions, and the upload bucket has none, or a resource is of a place where the workflow
        cannot use it, or ``keep_noncurrent`` is not for a bucket that is made, or not one day at least.
    """
    uploads = upload_bucket or make_event_bucket(
        scope, "Uploads", encryption_key=encryption_key, removal_policy=removal_policy
    )
    _expire_noncurrent(uploads, own=upload_bucket, keep_noncurrent=keep_noncurrent)
    if upload_bucket is not None:
        enable_event_bridge(scope, upload_bucket, otherwise="no object starts an execution")
    validate_versioning(scope, upload_bucket=uploads, on_reject=on_reject)
    published = published_bucket or private_bucket(
        scope, "Published", encryption_key=encryption_key, removal_policy=removal_policy
    )
    key_of_copies = encryption_key or uploads.encryption_key
    analysis = (
        make_analysis_bucket(scope, "Analysis", encryption_key=key_of_copies, removal_policy=removal_policy)
        if prepares
        else None
    )
    quarantine = (
        make_quarantine_bucket(scope, "Quarantine", encryption_key=key_of_copies, removal_policy=removal_policy)
        if on_reject is OnReject.QUARANTINE
        else None
    )
    buckets = ((upload_bucket, uploads), (published_bucket, published), (None, analysis), (None, quarantine))
    table = records or make_table(scope, "Records", encryption_key=encryption_key, removal_policy=removal_policy)
    bus = event_bus or aws_events.EventBus.from_event_bus_name(scope, "Bus", "default")
    validate_environments(scope, upload_bucket=uploads, records=table, event_bus=bus)
    return Resources(
        upload_bucket=uploads,
        published_bucket=published,
        analysis_bucket=analysis,
        quarantine_bucket=quarantine,
        made_buckets=tuple(_made(buckets)),
        records=table,
        event_bus=bus,
    )


def _expire_noncurrent(
    uploads: aws_s3.IBucket, *, own: aws_s3.IBucket | None, keep_noncurrent: Duration | None
) -> None:
    if own is not None and keep_noncurrent is not None:
        raise ValueError(
            "keep_noncurrent is for the bucket that the workflow makes, and upload_bucket is your own. Omit "
            "keep_noncurrent, and give upload_bucket a lifecycle rule with noncurrent_version_expiration."
        )
    kept = _NONCURRENT if keep_noncurrent is None else keep_noncurrent
    if kept.to_seconds() < Duration.days(1).to_seconds() or kept.to_seconds() % Duration.days(1).to_seconds():
        raise ValueError(
            f"keep_noncurrent is {kept.to_human_string()}. S3 expires versions after whole days: use Duration.days(1) "
            "or more."
        )
    if isinstance(uploads, aws_s3.Bucket) and own is None:
        uploads.add_lifecycle_rule(
            id="ExpireNoncurrentVersions", noncurrent_version_expiration=kept, expired_object_delete_marker=True
        )


def _made(buckets: tuple[tuple[aws_s3.IBucket | None, aws_s3.IBucket | None], ...]) -> Iterator[aws_s3.IBucket]:
    for own, used in buckets:
        if own is None and used is not None:
            yield used
