"""Objects that are too large for memory, from and to files."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awskit.clients import client_config
from awskit.sdk import client
from awskit.transient_errors import ServiceBusy, transient_storage_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PART = 2**20


@cache
def s3() -> "S3Client":
    """Return the S3 client of large objects.

    S3 answers a request with gigabytes only when it has stored or copied them. Two attempts take less than the 10
    minutes of the function that copies.
    """
    made: S3Client = client("s3", config=client_config(read_timeout=240, attempts=2))
    return made


@transient_storage_errors()
def upload(path: Path, **request: Any) -> None:
    """Write a file in one request, so that the object exists wholly or not at all.

    `request`: what PutObject takes beside the body.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    with path.open("rb") as file:
        s3().put_object(Body=file, **request)


@transient_storage_errors()
def download(path: Path, **request: Any) -> None:
    """Write an object to a file.

    `request`: what GetObject takes.

    Raises ServiceBusy if S3 is temporarily unavailable, or returns fewer bytes than the object has.
    """
    answer = s3().get_object(**request)
    with path.open("wb") as file:
        for part in answer["Body"].iter_chunks(_PART):
            file.write(part)
    if path.stat().st_size != answer["ContentLength"]:
        raise ServiceBusy(f"S3 returned {path.stat().st_size} bytes instead of {answer['ContentLength']}")
