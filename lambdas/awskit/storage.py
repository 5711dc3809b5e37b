"""S3 or DynamoDB that is busy or broken for a while, under the one error name that workflows wait out."""

from collections.abc import Iterator
from contextlib import contextmanager

from awskit.busy import raising_when_busy


class StorageBusy(Exception):  # noqa: N818 - the error name that workflows retry
    """Raised when S3 or DynamoDB cannot answer just now; a retry of the step may get through."""


@contextmanager
def raising_storage_busy() -> Iterator[None]:
    """Raise `StorageBusy` where storage is the one at fault, is asked too often, or breaks off its answer.

    For a `with` block or as a decorator: `@raising_storage_busy()`. The SDK has made its own few attempts by then.

    Raises
    ------
    StorageBusy
        As `raising_when_busy` says. Of S3's answers that is `InternalError`, `ServiceUnavailable` and `SlowDown`: see
        "Error responses" in its API reference.
    """
    with raising_when_busy(StorageBusy):
        yield
