import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from awskit.transient_errors import transient_errors_as


class Busy(Exception):  # noqa: N818 - as the errors that workflows wait out are named
    pass


def answer(code: str, status: int) -> ClientError:
    """Make the error that boto3 raises for an answer whose code its model does not list."""
    response = {"Error": {"Code": code, "Message": "..."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "PutEvents")  # type: ignore[arg-type]  # no more of the response is read


@pytest.mark.parametrize(("code", "status"), [("ServiceUnavailable", 503), ("InternalFailure", 500), ("Slow", 429)])
def test_a_busy_service_is_recognised_by_its_status_whatever_the_code(code: str, status: int) -> None:
    with pytest.raises(Busy, match=code), transient_errors_as(Busy):
        raise answer(code, status)


@pytest.mark.parametrize(
    "error",
    [
        ResponseStreamingError(error="Connection broken"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
        ConnectionClosedError(endpoint_url="https://localhost"),
        ReadTimeoutError(endpoint_url="https://localhost"),
        ConnectTimeoutError(endpoint_url="https://localhost"),
        EndpointConnectionError(endpoint_url="https://localhost"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failed_connection_counts_as_a_busy_service_and_keeps_its_name(error: Exception) -> None:
    with pytest.raises(Busy, match=type(error).__name__), transient_errors_as(Busy):
        raise error


@pytest.mark.parametrize("error", [answer("AccessDeniedException", 400), NoCredentialsError(), KeyError("image")])
def test_a_permanent_error_is_not_converted(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, transient_errors_as(Busy):
        raise error
    assert raised.value is error


def test_a_success_is_not_changed() -> None:
    with transient_errors_as(Busy):
        answered = "answer"
    assert answered == "answer"
