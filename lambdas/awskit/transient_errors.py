"""Transient errors of AWS services, under the error names that workflows retry.

boto3 has exception classes only for errors that a service's model lists. No model lists an HTTP 503, which is a plain
`ClientError`, and a truncated body has a different name for each way to read it. A workflow could not tell these from
permanent errors.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


@contextmanager
def transient_errors_as(error_type: type[Exception]) -> Iterator[None]:
    """Raise transient errors of a service as `error_type`, whose class name workflows retry.

    The SDK has made its own attempts by then.

    Raises Exception: `error_type` for an HTTP status of 429 or at least 500, and for a connection that fails, times out
    or breaks.
    """
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
            raise error_type(str(error)) from error
        raise
    except (exceptions.ConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise error_type(f"{type(error).__name__}: {error}") from error
