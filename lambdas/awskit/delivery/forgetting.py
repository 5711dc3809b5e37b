"""Forget results whose source has changed: in the results bucket, and in CloudFront's caches."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from awskit import clients
from awskit.delivery.clients import cloudfront, sqs
from awskit.logs import logger
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from safelight_contracts.delivery.result_keys import source_prefix, verdict_prefix
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.websites import Size, sized_key
from safelight_contracts.events import SOURCE

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_S3 = "aws.s3"


@dataclass(frozen=True, kw_only=True, order=True)
class Forgotten:
    """A source, as URLs name it.

    Parameters
    ----------
    bucket, key
        As in the keys of its results.
    """

    bucket: str
    key: str


def source_of(event: dict[str, Any], *, settings: DeliverySettings) -> Forgotten:
    """Return the source that an event is about.

    Parameters
    ----------
    event
        An event of S3 or of a workflow, as EventBridge delivers it.

    Raises
    ------
    ValueError
        For any other event.
    """
    detail = event["detail"]
    if event["source"] == _S3:
        return Forgotten(bucket=detail["bucket"]["name"], key=detail["object"]["key"])
    if event["source"] == SOURCE:
        # URLs name the key of the upload, and the bucket of the renditions.
        return Forgotten(bucket=settings.sources[0].bucket, key=detail["key"])
    raise ValueError(f"The event of {event['source']} names no source")


@transient_storage_errors()
def report_stale(*, bucket: str, key: str, settings: DeliverySettings) -> None:
    """Ask for a source to be forgotten again, because a stale result was stored for a moment.

    Raises
    ------
    ServiceBusy
        If SQS is temporarily unavailable.
    """
    if settings.forget_queue is None:
        return
    event = {"source": _S3, "detail": {"bucket": {"name": bucket}, "object": {"key": key}}}
    sqs().send_message(QueueUrl=settings.forget_queue, MessageBody=json.dumps(event))


def forget_each(
    messages: Iterable[dict[str, Any]], *, settings: DeliverySettings, forget: Callable[[Forgotten], None]
) -> tuple[dict[str, Forgotten], list[str]]:
    """Forget the sources that messages of a queue are about.

    Parameters
    ----------
    messages
        Each is an event of S3 about a source, or of a workflow about an upload.
    forget
        Deletes all results of a source.

    Returns
    -------
    tuple
        The sources by the ids of their messages, and the ids of the messages that failed.
    """
    forgotten, failures = {}, []
    for message in messages:
        try:
            source = source_of(json.loads(message["body"]), settings=settings)
            forget(source)
            forgotten[message["messageId"]] = source
        except Exception:
            logger().exception("Failed", messageId=message["messageId"])
            failures.append(message["messageId"])
    return forgotten, failures


@transient_storage_errors()
def forget_sizes(forgotten: Forgotten, *, bucket: str, sizes: Iterable[Size]) -> None:
    """Delete the images of a source in all sizes from a website.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable, or deleted only some.
    """
    _delete([{"Key": sized_key(size, forgotten.key)} for size in sizes], bucket=bucket)


@transient_storage_errors()
def forget_results(forgotten: Forgotten, *, bucket: str) -> None:
    """Delete all results of a source, and what detectors found in it.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable, or deleted only some.
    """
    for prefix in (
        source_prefix(bucket=forgotten.bucket, key=forgotten.key),
        verdict_prefix(bucket=forgotten.bucket, key=forgotten.key),
    ):
        for page in clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            # A page has as many keys as one request can delete.
            _delete([{"Key": there["Key"]} for there in page.get("Contents", ())], bucket=bucket)


def _delete(found: "Sequence[ObjectIdentifierTypeDef]", *, bucket: str) -> None:
    if not found:
        return
    answer = clients.s3().delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
    if refused := answer.get("Errors"):
        raise ServiceBusy(f"{len(refused)} results were not deleted: {refused[0].get('Code')}")


@transient_storage_errors()
def invalidate(forgotten: Iterable[Forgotten], *, distribution: str) -> None:
    """Make CloudFront forget all results of some sources, in one invalidation.

    Raises
    ------
    ServiceBusy, botocore.exceptions.ClientError
        If CloudFront is temporarily unavailable, or has too many invalidations in progress.
    """
    paths = [f"/{source_prefix(bucket=one.bucket, key=one.key)}*" for one in forgotten]
    batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": uuid4().hex}
    cloudfront().create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
