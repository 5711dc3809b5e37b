"""Leases: of many requests for a result at the same time, one makes it, and the others wait for it.

A lease is an object that says who makes a result and until when. S3's conditional writes decide who writes it. If the
source is at fault, its object becomes a refusal for a few seconds, so that the others do not decode the source too.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.budget import SECONDS, Budget
from awskit.delivery.failures import refusal_of
from awskit.delivery.places import is_missing
from awskit.delivery.stored_results import delete_if_unchanged, status_of
from awskit.logs import logger
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from imagekit.rejection import ImageRejected
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.result_keys import lease_key

_LEASE_SECONDS = SECONDS + 2
_SHORTEST_WAIT, _LONGEST_WAIT = 0.05, 1.0
# Longer than the longest wait, so that everybody who waits sees it, and shorter than any refusal of a source is cached.
_REFUSAL_SECONDS = 3
_LOST = (409, 412)
# What another attempt would say too, after as long. What is no image is known by its first bytes.
_OF_SOURCE = (Refusal.TOO_LARGE, Refusal.DAMAGED)

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to make a result.

    Parameters
    ----------
    key
        Of the lease's object.
    etag
        With its quotes.
    """

    key: str
    etag: str


@contextmanager
def result_or_lease(
    key: str,
    *,
    bucket: str,
    budget: Budget,
    find: Callable[[], Found | None],
    fingerprint: Callable[[], str | None],
    now: Callable[[], float] = time.time,
) -> Iterator[Found | Lease]:
    """Find a result that somebody else makes, or hold the lease on it for the length of a ``with`` block.

    Parameters
    ----------
    key
        Of the result.
    bucket
        The results bucket.
    find
        Looks for the result.
    fingerprint
        Returns what the result is made from now. A refusal of anything else does not count.
    now
        Returns the time in seconds since 1970. All functions compare it with what others wrote.

    Yields
    ------
    Found | Lease
        The result, or the lease if the caller holds it and has to make the result.

    Raises
    ------
    RequestRefusedError
        `BUSY` if the result is not there when the request's time is over. The refusal of whoever tried to make it: see
        `shared_refusals`.
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    lease = _create(lease_key(key), bucket=bucket, now=now)
    pause = _SHORTEST_WAIT
    try:
        # Even with the lease: it may have been given back because the result is there.
        found = find()
        while lease is None and found is None:
            lease = _take_over(lease_key(key), bucket=bucket, fingerprint=fingerprint, now=now)
            if lease is None:
                if budget.remaining < pause:
                    raise RequestRefusedError(Refusal.BUSY, "The image is being made. Try again.")
                budget.wait(pause)
                pause = min(2 * pause, _LONGEST_WAIT)
            found = find()
        if found is not None:
            yield found
        elif lease is not None:
            yield lease
    finally:
        if lease is not None:
            _give_back(lease, bucket=bucket)


@contextmanager
def shared_refusals(
    lease: Lease, *, bucket: str, fingerprint: str, now: Callable[[], float] = time.time
) -> Iterator[None]:
    """Refuse whoever waits for the same result as the ``with`` block is refused, if the source is at fault.

    Parameters
    ----------
    bucket
        The results bucket.
    fingerprint
        Of what the result is made from.
    """
    try:
        yield
    except ImageRejected as rejection:
        _share(refusal_of(rejection), lease=lease, bucket=bucket, fingerprint=fingerprint, now=now)
        raise
    except RequestRefusedError as refused:
        _share(refused, lease=lease, bucket=bucket, fingerprint=fingerprint, now=now)
        raise


@transient_storage_errors()
def _create(key: str, *, bucket: str, now: Callable[[], float]) -> Lease | None:
    try:
        answer = clients.s3().put_object(Bucket=bucket, Key=key, Body=_content(now), IfNoneMatch="*")
    except ClientError as error:
        if status_of(error) in _LOST:
            return None
        raise
    return Lease(key=key, etag=answer["ETag"])


@transient_storage_errors()
def _take_over(
    key: str, *, bucket: str, fingerprint: Callable[[], str | None], now: Callable[[], float]
) -> Lease | None:
    """Take a lease that was given back, has expired or became a refusal of another source."""
    try:
        answer = clients.s3().get_object(Bucket=bucket, Key=key)
        there = json.loads(answer["Body"].read())
        if there["expires"] > now():
            if "refusal" not in there:
                return None
            if there["fingerprint"] == fingerprint():
                raise RequestRefusedError(Refusal(there["refusal"]), there["message"], parameter=there["parameter"])
        taken = clients.s3().put_object(Bucket=bucket, Key=key, Body=_content(now), IfMatch=answer["ETag"])
    except ClientError as error:
        if is_missing(error):
            return _create(key, bucket=bucket, now=now)
        if status_of(error) in _LOST:
            return None
        raise
    return Lease(key=key, etag=taken["ETag"])


def _content(now: Callable[[], float]) -> bytes:
    # The holder makes the ETag of each lease different.
    return json.dumps({"holder": uuid4().hex, "expires": now() + _LEASE_SECONDS}).encode()


def _share(
    refused: RequestRefusedError, *, lease: Lease, bucket: str, fingerprint: str, now: Callable[[], float]
) -> None:
    """Make a lease a refusal, if another attempt would be refused in the same way."""
    if refused.refusal not in _OF_SOURCE:
        return
    told: dict[str, Any] = {
        "expires": now() + _REFUSAL_SECONDS,
        "refusal": refused.refusal,
        "message": refused.message,
        "parameter": refused.parameter,
        "fingerprint": fingerprint,
    }
    try:
        with transient_storage_errors():
            clients.s3().put_object(Bucket=bucket, Key=lease.key, Body=json.dumps(told).encode(), IfMatch=lease.etag)
    except (ClientError, ServiceBusy):
        # Others find out by themselves. A lease that somebody has taken over is theirs.
        logger().exception("The refusal was not shared")


def _give_back(lease: Lease, *, bucket: str) -> None:
    # A refusal has another ETag, and stays.
    try:
        with transient_storage_errors():
            delete_if_unchanged(lease.key, etag=lease.etag, bucket=bucket)
    except (ClientError, ServiceBusy):
        # It expires.
        logger().exception("The lease was not given back")
