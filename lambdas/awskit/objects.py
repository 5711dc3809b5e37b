"""Reading an upload: just the bytes that the event was about, and no more of them than needed."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.rejection import RejectedImage, UploadFault
from awskit.storage import raising_storage_busy
from awskit.uploads import Upload, check_key
from imagekit.header import Header
from imagekit.inspection import inspect_header
from imagekit.limits import Limits, check_bytes, check_header
from imagekit.source import FetchedSource

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

_PRECONDITION_FAILED = 412


def inspect_upload(upload: Upload, *, limits: Limits) -> Header:
    """Read an upload's header by ranged requests and hold its key, and what the header tells, against their limits.

    The frames of a GIF or an animated WebP, and the pages of a TIFF, are not counted here: they stand all over the
    file. `imagekit.decode.inspect` counts them once the bytes are there.

    Parameters
    ----------
    upload
        The upload.
    limits
        How large it may be.

    Raises
    ------
    RejectedImage
        `KEY_TOO_LONG`, or `SUPERSEDED` as for `read_upload`.
    ImageRejected
        `UNREADABLE_IMAGE`, `UNSUPPORTED_TYPE` or `IMAGE_TOO_LARGE`.
    """
    check_key(upload)
    # An empty object ends here too: S3 answers any range of it with an error.
    check_bytes(upload.size, limits=limits)

    def fetch(offset: int, length: int) -> bytes:
        return _get(upload, byte_range=f"bytes={offset}-{offset + length - 1}")

    header = inspect_header(FetchedSource(fetch, size=upload.size))
    check_header(header, size=upload.size, limits=limits)
    return header


def read_upload(upload: Upload, *, limits: Limits) -> bytes:
    """Read an upload whole, once its key and its size in bytes are known to be within limits.

    Parameters
    ----------
    upload
        The upload.
    limits
        How large it may be.

    Raises
    ------
    RejectedImage
        `KEY_TOO_LONG`; `SUPERSEDED` when the bucket has no versions and the object was replaced meanwhile:
        the newer upload has an event of its own.
    ImageRejected
        `UNREADABLE_IMAGE` when it is empty, `IMAGE_TOO_LARGE`.
    """
    check_key(upload)
    check_bytes(upload.size, limits=limits)
    return _get(upload, byte_range=None)


@raising_storage_busy()
def _get(upload: Upload, *, byte_range: str | None) -> bytes:
    request: GetObjectRequestTypeDef = {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "IfMatch": f'"{upload.etag}"',
    }
    if upload.version_id is not None:
        request["VersionId"] = upload.version_id
    if byte_range is not None:
        request["Range"] = byte_range
    try:
        return clients.s3().get_object(**request)["Body"].read()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _PRECONDITION_FAILED:
            raise RejectedImage(UploadFault.SUPERSEDED) from error
        raise
