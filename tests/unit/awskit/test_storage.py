import pytest
from botocore.exceptions import ClientError

from awskit.storage import StorageBusy, raising_storage_busy


def answer(code: str, status: int) -> ClientError:
    """Make the error that boto3 raises for an answer of S3's."""
    response = {"Error": {"Code": code, "Message": "..."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetObject")  # type: ignore[arg-type]  # no more of the response is read


@pytest.mark.parametrize(
    ("code", "status"),
    [("SlowDown", 503), ("ServiceUnavailable", 503), ("InternalError", 500), ("503", 503), ("TooManyRequests", 429)],
)
def test_an_answer_that_s3_is_busy_is_the_error_that_workflows_wait_out(code: str, status: int) -> None:
    with pytest.raises(StorageBusy, match=code), raising_storage_busy():
        raise answer(code, status)


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("NoSuchKey", 404), ("PreconditionFailed", 412)])
def test_another_answer_stays_what_it_is(code: str, status: int) -> None:
    with pytest.raises(ClientError, match=code), raising_storage_busy():
        raise answer(code, status)
