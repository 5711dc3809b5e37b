"""S3 or DynamoDB that is busy or broken for a while, under the one error name that workflows wait out."""

from collections.abc import Iterator
from contextlib import contextmanager

from awskit.transient_errors import transient_errors_as


class StorageBusy(Exception):  # noqa: N818 - the error name that workflows retry
    """Raised when S3 or DynamoDB cannot answer just now; a retry of the step may get through."""


@contextmanager
def transient_storage_errors() -> Iterator[None]:
    """Raise `StorageBusy` where storage is the one at fault, is asked too often, or breaks off its answer.

    For a `with` block or as a decorator: `@transient_storage_errors()`. The SDK has made its own few attempts by then.

    Raises
    ------
    StorageBusy
        As `transient_errors_as` says. Of S3's answers that is `InternalError`, `ServiceUnavailable` and `SlowDown`: see
        "Error responses" in its API reference.
    """
    with transient_errors_as(StorageBusy):
        yield
