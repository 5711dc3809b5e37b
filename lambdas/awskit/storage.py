"""S3 that is busy or broken for a while, under the one error name that workflows wait out."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


class StorageBusy(Exception):  # noqa: N818 - the error name that workflows retry
    """Raised when S3 cannot answer just now; a retry of the step may get through."""


@contextmanager
def raising_storage_busy() -> Iterator[None]:
    """Raise `StorageBusy` where S3 answers that it is the one at fault, or is asked too often.

    For a `with` block or as a decorator: `@raising_storage_busy()`. The SDK has made its own few attempts by then.

    Raises
    ------
    StorageBusy
        For an HTTP status of 500 or more (`InternalError`, `ServiceUnavailable`, `SlowDown`), or 429. See "Error
        responses" in the API reference of Amazon S3.
    """
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
            raise StorageBusy(str(error)) from error
        raise
