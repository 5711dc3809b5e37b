"""Read an upload: the version that the event is about, and only the bytes that are needed."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.rejection import RejectedImage, UploadFault
from awskit.transient_errors import ServiceBusy, transient_storage_errors
from awskit.uploads import Upload, validate_key
from imagekit.decoding.limits import validate_file_size, validate_header
from imagekit.formats.header import Header
from imagekit.formats.inspection import inspect_header
from imagekit.source import FetchedSource
from safelight_contracts.keys import parse_version_id
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import RENDITION_MARKER

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef

_OK, _NOT_FOUND, _PRECONDITION_FAILED = 200, 404, 412
_PART = 2**20
# Parts that are downloaded at the same time. One connection of S3 has about a tenth of what a function can receive.
_PARALLEL_PARTS = 4

# See "Error responses" in S3's API reference. A delete marker named by its version is MethodNotAllowed. An object that
# must first be restored is InvalidObjectState. Without the permission s3:ListBucket, a missing object is AccessDenied.
# A missing bucket is not a fault of the upload.
_FAULTS = {
    "NoSuchKey": UploadFault.WITHDRAWN,
    "NoSuchVersion": UploadFault.WITHDRAWN,
    "MethodNotAllowed": UploadFault.WITHDRAWN,
    "InvalidObjectState": UploadFault.ARCHIVED,
}


def inspect_upload(upload: Upload, *, limits: Limits) -> Header:
    """Read an upload's header by ranged requests, and check its key and its header against the limits.

    The frames of a GIF or an animated WebP, and the pages of a TIFF, are not counted here, because they are spread
    over the whole file. `imagekit.decoding.limits.inspect` counts them when the whole file has been read.

    Raises RejectedImage: `KEY_TOO_LONG`, or `OWN_RENDITION`, `SUPERSEDED`, `WITHDRAWN` or `ARCHIVED` as for
    `read_upload`. Raises ImageRejected: `UNREADABLE_IMAGE`, `UNSUPPORTED_TYPE` or `IMAGE_TOO_LARGE`. Raises ServiceBusy
    if S3 is temporarily unavailable, or returns other bytes than requested.
    """
    validate_key(upload)
    # This also rejects an empty object: S3 answers any range of it with an error.
    validate_file_size(upload.size, limits=limits)

    def fetch(offset: int, length: int) -> bytes:
        return _read_part(upload, offset=offset, length=length)

    header = inspect_header(FetchedSource(fetch, size=upload.size))
    validate_header(header, size=upload.size, limits=limits)
    return header


def read_upload(upload: Upload, *, limits: Limits) -> bytes:
    """Read a whole upload, after a check that its key and its size in bytes are within the limits.

    Raises RejectedImage: `KEY_TOO_LONG`. `OWN_RENDITION` if it has the marker of a rendition. `SUPERSEDED` if the
    bucket has no versions and the object was replaced in the meantime: the newer upload has its own event. `WITHDRAWN`
    if it was deleted. `ARCHIVED` if it must be restored first. Raises ImageRejected: `UNREADABLE_IMAGE` if it is empty,
    `IMAGE_TOO_LARGE`. Raises ServiceBusy if S3 is temporarily unavailable, or returns more or fewer bytes than the
    upload has.
    """
    validate_key(upload)
    validate_file_size(upload.size, limits=limits)
    return read_whole(upload)


def read_whole(upload: Upload) -> bytes:
    """Read a whole upload that is known to be within the limits.

    Raises RejectedImage, ServiceBusy as for `read_upload`.
    """
    body, _ = _get(upload, byte_range=None)
    return _of_length(upload.size, body=body)


def validate_exists(upload: Upload) -> None:
    """Check whether an upload can still be read, after a service could not read it.

    `upload`: the upload. It must not be empty.

    Raises RejectedImage: `OWN_RENDITION`, `WITHDRAWN`, `SUPERSEDED` or `ARCHIVED`, as for `read_upload`.
    """
    _read_part(upload, offset=0, length=1)


def _read_part(upload: Upload, *, offset: int, length: int) -> bytes:
    body, status = _get(upload, byte_range=f"bytes={offset}-{offset + length - 1}")
    if status == _OK:
        # A server may ignore a range (RFC 9110, 14.2). S3 does not. The emulator does if the request names a version.
        return _of_length(upload.size, body=body)[offset : offset + length]
    return _of_length(length, body=body)


def _of_length(length: int, *, body: bytes) -> bytes:
    if len(body) != length:
        raise ServiceBusy(f"S3 returned {len(body)} bytes of the upload instead of {length}")
    return body


def download_upload(upload: Upload, *, path: Path) -> None:
    """Write a whole upload, whose size is known to be within the limits, to a file without holding it in memory.

    Raises RejectedImage, ServiceBusy as for `read_upload`.
    """
    with transient_storage_errors(), path.open("wb") as file:
        for part in _ask(upload, byte_range=None)["Body"].iter_chunks(_PART):
            file.write(part)
    if path.stat().st_size != upload.size:
        raise ServiceBusy(f"S3 returned {path.stat().st_size} bytes of the upload instead of {upload.size}")


def download_parts(upload: Upload, parts: Sequence[tuple[int, int]], *, path: Path) -> None:
    """Write parts of an upload to their places in a file that is as long as the upload, and otherwise empty.

    `parts`: where each starts, and the first byte behind it.

    Raises RejectedImage, ServiceBusy as for `read_upload`.
    """
    with path.open("wb") as file:
        file.truncate(upload.size)
    with ThreadPoolExecutor(_PARALLEL_PARTS) as pool:
        running = [pool.submit(_download_part, upload, start=start, end=end, path=path) for start, end in parts]
        try:
            for part in running:
                part.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _download_part(upload: Upload, *, start: int, end: int, path: Path) -> None:
    with transient_storage_errors(), path.open("r+b") as file:
        answer = _ask(upload, byte_range=f"bytes={start}-{end - 1}")
        if answer["ResponseMetadata"]["HTTPStatusCode"] == _OK:
            # As in `_read_part`: all bytes come, and each has its place.
            start, end = 0, upload.size
        file.seek(start)
        for part in answer["Body"].iter_chunks(_PART):
            file.write(part)
        if file.tell() != end:
            raise ServiceBusy(f"S3 returned {file.tell() - start} bytes of the upload instead of {end - start}")


@transient_storage_errors()
def validate_current(upload: Upload) -> None:
    """Check whether an upload is still what its key names.

    Raises RejectedImage: `SUPERSEDED` or `WITHDRAWN`. Raises ServiceBusy if S3 is temporarily unavailable.
    """
    try:
        current = clients.s3().head_object(Bucket=upload.bucket, Key=upload.key)
    except ClientError as error:
        # A HEAD request has no body, so its error has no other code.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != _NOT_FOUND:
            raise
        raise RejectedImage(UploadFault.WITHDRAWN) from error
    # Without a version, the ETag alone says so.
    is_same_version = upload.version_id in (None, parse_version_id(current.get("VersionId")))
    if current["ETag"].strip('"') != upload.etag or not is_same_version:
        raise RejectedImage(UploadFault.SUPERSEDED)


@transient_storage_errors()
def _get(upload: Upload, *, byte_range: str | None) -> tuple[bytes, int]:
    answer = _ask(upload, byte_range=byte_range)
    return answer["Body"].read(), answer["ResponseMetadata"]["HTTPStatusCode"]


def _ask(upload: Upload, *, byte_range: str | None) -> "GetObjectOutputTypeDef":
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
        answer = clients.s3().get_object(**request)
    except ClientError as error:
        fault = _fault(error)
        if fault is None:
            raise
        raise RejectedImage(fault) from error
    if RENDITION_MARKER in answer["Metadata"]:
        raise RejectedImage(UploadFault.OWN_RENDITION)
    return answer


def _fault(error: ClientError) -> UploadFault | None:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] == _PRECONDITION_FAILED:
        return UploadFault.SUPERSEDED
    return _FAULTS.get(error.response["Error"]["Code"])
