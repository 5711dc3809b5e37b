"""Services that are busy, broken or out of reach for a while, under error names that workflows wait out.

boto3 has a class of its own only for the errors that a service's model lists. An HTTP 503, which none of them lists, is
a plain `ClientError`, and a body that breaks off has another name for each way to read it: a workflow cannot tell them
from an error that stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


@contextmanager
def transient_errors_as(error_type: type[Exception]) -> Iterator[None]:
    """Raise an error of the name that is wanted where a service is the one at fault, or is asked too often.

    The SDK has made its own few attempts by then.

    Parameters
    ----------
    error_type
        Its class's name is what workflows wait out.

    Raises
    ------
    Exception
        `error_type` for an HTTP status of 500 or more, or 429, and for a connection that cannot be made, stays silent
        or breaks off.
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
