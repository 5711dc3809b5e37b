"""Forget results whose source has changed: in the results bucket, and in CloudFront's caches."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from botocore.exceptions import ClientError

from awskit import clients, queues
from awskit.delivery.cached_sources import Marks, marks_of
from awskit.delivery.clients import cloudfront
from awskit.logs import logger
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from safelight_contracts.delivery.result_keys import ALL_RESULTS, source_prefix, verdict_prefix
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.websites import Size, sized_key
from safelight_contracts.events import SOURCE

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_S3 = "aws.s3"
# CloudFront charges for each path of an invalidation.
_MAX_PATHS = 10
# "Quotas on invalidations" in CloudFront's developer guide: 15 with a wildcard can be in progress.
_TOO_MANY = {"TooManyInvalidationsInProgress", "Throttling", "ThrottlingException"}
_SHORTEST_DELAY, _LONGEST_DELAY = 60, 1800

Deleted = TypeVar("Deleted")


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """A source, as URLs name it.

    Parameters
    ----------
    bucket, key
        As in the keys of its results.
    """

    bucket: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """What was deleted of a source.

    Parameters
    ----------
    prefixes
        Of the results that CloudFront may have cached.
    is_complete
        Whether nothing is left to delete. An overlay can be on very many results.
    """

    prefixes: Sequence[str]
    is_complete: bool


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
def report_stale(*, bucket: str, key: str, settings: DeliverySettings, delay: int) -> None:
    """Ask for a source to be forgotten again, because a stale result was stored for a moment.

    Parameters
    ----------
    delay
        After how many seconds.

    Raises
    ------
    ServiceBusy
        If SQS is temporarily unavailable.
    """
    if settings.forget_queue is None:
        return
    event = {"source": _S3, "detail": {"bucket": {"name": bucket}, "object": {"key": key}}}
    clients.sqs().send_message(QueueUrl=settings.forget_queue, MessageBody=json.dumps(event), DelaySeconds=delay)


def forget_each(
    messages: Iterable[dict[str, Any]], *, settings: DeliverySettings, forget: Callable[[Forgotten], Deleted]
) -> tuple[dict[str, Deleted], list[str]]:
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
        What ``forget`` returned, by the ids of the messages, and the ids of the messages that failed.
    """
    forgotten, failures = {}, []
    for message in messages:
        try:
            source = source_of(json.loads(message["body"]), settings=settings)
            forgotten[message["messageId"]] = forget(source)
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
def forget_results(forgotten: Forgotten, *, settings: DeliverySettings, deadline: float) -> Forgetting:
    """Delete all results of a source and all that it is an overlay on, and what detectors found in it.

    Behind CloudFront, a source that nobody has asked for costs one list of the bucket.

    Parameters
    ----------
    deadline
        When no more results are deleted that it is an overlay on, by the monotonic clock. The source's own are deleted
        anyway.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable, or deleted only some.
    """
    bucket = settings.results_bucket
    marks = _marks_of(forgotten, settings=settings)
    own = [source_prefix(bucket=forgotten.bucket, key=forgotten.key)] if marks.has_results else []
    found = [verdict_prefix(bucket=forgotten.bucket, key=forgotten.key)] if marks.has_results else []
    for page in _pages([*own, *found], bucket=bucket):
        _delete(page, bucket=bucket)
    is_complete = True
    for page in _pages(marks.overlaid, bucket=bucket):
        if time.monotonic() >= deadline:
            is_complete = False
            break
        _delete(page, bucket=bucket)
    return Forgetting(prefixes=[*own, *marks.overlaid], is_complete=is_complete)


def _pages(prefixes: Iterable[str], *, bucket: str) -> "Iterator[Sequence[ObjectIdentifierTypeDef]]":
    """List objects. A page has as many as one request can delete."""
    for prefix in prefixes:
        for page in clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield [{"Key": there["Key"]} for there in page.get("Contents", ())]


def _marks_of(forgotten: Forgotten, *, settings: DeliverySettings) -> Marks:
    if not settings.has_edge:
        # Nothing is marked.
        return Marks(has_results=True, overlaid=())
    return marks_of(bucket=forgotten.bucket, key=forgotten.key, results_bucket=settings.results_bucket)


def _delete(found: "Sequence[ObjectIdentifierTypeDef]", *, bucket: str) -> None:
    if not found:
        return
    answer = clients.s3().delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
    if refused := answer.get("Errors"):
        raise ServiceBusy(f"{len(refused)} results were not deleted: {refused[0].get('Code')}")


@transient_storage_errors()
def invalidate(prefixes: Sequence[str], *, distribution: str) -> None:
    """Make CloudFront forget all results under some prefixes, in one invalidation. For many, it forgets all results.

    Raises
    ------
    ServiceBusy
        If CloudFront is temporarily unavailable, or has too many invalidations in progress.
    """
    given = prefixes if len(prefixes) <= _MAX_PATHS and ALL_RESULTS not in prefixes else [ALL_RESULTS]
    paths = [f"/{prefix}*" for prefix in given]
    batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": uuid4().hex}
    try:
        cloudfront().create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
    except ClientError as error:
        if error.response["Error"]["Code"] in _TOO_MANY:
            raise ServiceBusy(str(error)) from error
        raise


def postpone(messages: Iterable[dict[str, Any]]) -> None:
    """Let SQS deliver messages again after a minute, then after 6 minutes, and then after half an hour each time.

    So the queue retries for hours until a message is a dead letter. SQS leaves a message that was received three times
    out of the queue's age, which an alarm watches, so the second wait is longer than that alarm's threshold. A message
    that cannot be postponed comes again after the queue's visibility timeout.

    Parameters
    ----------
    messages
        As Lambda delivers them.
    """
    for message in messages:
        queues.postpone(message, seconds=min(_SHORTEST_DELAY * 6 ** (queues.received(message) - 1), _LONGEST_DELAY))
