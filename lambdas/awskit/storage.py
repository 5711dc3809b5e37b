"""Transient errors of AWS services, under the error name that workflows retry."""

from collections.abc import Iterator
from contextlib import contextmanager

from awskit.transient_errors import transient_errors_as


class ServiceBusy(Exception):  # noqa: N818 - the error name that workflows retry
    """S3, DynamoDB or Step Functions cannot answer now. A retry of the step may succeed."""


@contextmanager
def transient_storage_errors() -> Iterator[None]:
    """Raise transient errors of S3 and DynamoDB as `ServiceBusy`.

    Use it in a `with` statement or as a decorator. The SDK has made its own attempts by then.

    Raises ServiceBusy: See `transient_errors_as`. For S3 this includes `InternalError`, `ServiceUnavailable` and
    `SlowDown`: see "Error responses" in its API reference.
    """
    with transient_errors_as(ServiceBusy):
        yield
