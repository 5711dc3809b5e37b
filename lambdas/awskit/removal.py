"""Move or delete an upload that was rejected.

Both act on the version that was uploaded. Without a version, they could delete an object that replaced the upload.
"""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.storage import ServiceBusy, transient_storage_errors
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

# The error codes of S3 for a version that is gone. The role may list both buckets; otherwise it would be AccessDenied.
# A missing bucket is a different error.
_GONE = {"NoSuchKey", "NoSuchVersion"}
_CONFLICT = 409


def quarantine_upload(upload: Upload, *, version_id: str, bucket: str) -> None:
    """Copy an upload to the quarantine bucket, under its own key, and then delete it.

    The quarantine bucket keeps versions, so that it holds both originals of two uploads with one key.

    `upload`: the upload, of at most 5 GB. S3 does not copy more in one request, and the step fails.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    source: CopySourceTypeDef = {"Bucket": upload.bucket, "Key": upload.key, "VersionId": version_id}
    try:
        with transient_storage_errors():
            clients.s3().copy_object(Bucket=bucket, Key=upload.key, CopySource=source)
    except ClientError as error:
        # An earlier attempt moved the upload.
        if _is_gone(error):
            return
        raise
    delete_upload(upload, version_id=version_id)


def delete_upload(upload: Upload, *, version_id: str) -> None:
    """Permanently delete the version that was uploaded.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    try:
        with transient_storage_errors():
            clients.s3().delete_object(Bucket=upload.bucket, Key=upload.key, VersionId=version_id)
    except ClientError as error:
        if not _is_gone(error):
            raise


def _is_gone(error: ClientError) -> bool:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] == _CONFLICT:
        raise ServiceBusy(str(error)) from error
    return error.response["Error"]["Code"] in _GONE
