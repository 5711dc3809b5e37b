from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from awskit.objects import inspect_upload, read_upload
from awskit.storage import ServiceBusy, transient_storage_errors
from awskit.uploads import parse_upload
from safelight_contracts.limits import Limits


def answer(code: str, status: int) -> ClientError:
    """Make the error that boto3 raises for an answer of S3's."""
    response = {"Error": {"Code": code, "Message": "..."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetObject")  # type: ignore[arg-type]  # no more of the response is read


@pytest.mark.parametrize(
    ("code", "status"),
    [("SlowDown", 503), ("ServiceUnavailable", 503), ("InternalError", 500), ("503", 503), ("TooManyRequests", 429)],
)
def test_a_busy_s3_raises_the_error_that_workflows_retry(code: str, status: int) -> None:
    with pytest.raises(ServiceBusy, match=code), transient_storage_errors():
        raise answer(code, status)


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("NoSuchKey", 404), ("PreconditionFailed", 412)])
def test_another_answer_is_unchanged(code: str, status: int) -> None:
    with pytest.raises(ClientError, match=code), transient_storage_errors():
        raise answer(code, status)


@pytest.mark.parametrize("read", [inspect_upload, read_upload])
def test_reading_an_upload_is_retried(
    upload: Callable[..., dict[str, Any]], make_s3_busy: Callable[[str], None], read: Callable[..., object]
) -> None:
    event = upload(b"an image")
    make_s3_busy("GetObject")
    with pytest.raises(ServiceBusy):
        read(parse_upload(event), limits=Limits())
