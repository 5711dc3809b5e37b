"""Leases: of many requests for a result at the same time, one makes it, and the others wait for it.

A lease is an object that says who makes a result and until when. S3's conditional writes decide who writes it.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.budget import SECONDS, Budget
from awskit.delivery.places import is_missing
from awskit.delivery.stored_results import delete_if_unchanged, status_of
from awskit.logs import logger
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.result_keys import lease_key

_LEASE_SECONDS = SECONDS + 2
_SHORTEST_WAIT, _LONGEST_WAIT = 0.05, 1.0
_LOST = (409, 412)

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
    key: str, *, bucket: str, budget: Budget, find: Callable[[], Found | None], now: Callable[[], float] = time.time
) -> Iterator[Found | None]:
    """Find a result that somebody else makes, or hold the lease on it for the length of a ``with`` block.

    Parameters
    ----------
    key
        Of the result.
    bucket
        The results bucket.
    find
        Looks for the result.
    now
        Returns the time in seconds since 1970. All functions compare it with what others wrote.

    Yields
    ------
    Found | None
        The result. ``None`` if the caller holds the lease and has to make it.

    Raises
    ------
    RequestRefusedError
        `BUSY` if the result is not there when the request's time is over.
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    lease = _create(lease_key(key), bucket=bucket, now=now)
    pause = _SHORTEST_WAIT
    try:
        # Even with the lease: it may have been given back because the result is there.
        found = find()
        while lease is None and found is None:
            lease = _take_over(lease_key(key), bucket=bucket, now=now)
            if lease is None:
                if budget.remaining < pause:
                    raise RequestRefusedError(Refusal.BUSY, "The image is being made. Try again.")
                budget.wait(pause)
                pause = min(2 * pause, _LONGEST_WAIT)
            found = find()
        yield found
    finally:
        if lease is not None:
            _give_back(lease, bucket=bucket)


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
def _take_over(key: str, *, bucket: str, now: Callable[[], float]) -> Lease | None:
    """Take a lease that was given back or has expired."""
    try:
        answer = clients.s3().get_object(Bucket=bucket, Key=key)
        if json.loads(answer["Body"].read())["expires"] > now():
            return None
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


def _give_back(lease: Lease, *, bucket: str) -> None:
    try:
        with transient_storage_errors():
            delete_if_unchanged(lease.key, etag=lease.etag, bucket=bucket)
    except (ClientError, ServiceBusy):
        # It expires.
        logger().exception("The lease was not given back")
