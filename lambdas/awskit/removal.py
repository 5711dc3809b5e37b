"""Moving or deleting an upload that was rejected.

Both take the version that was uploaded. Without one, an object that replaced the upload could be deleted in its place.
"""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.storage import StorageBusy, transient_storage_errors
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

# What S3 says of an object that is gone or was replaced; HEAD says the status alone. The role may list both buckets, or
# it would be 403. A bucket that is not there is another matter.
_GONE_OR_REPLACED = {"NoSuchKey", "NoSuchVersion", "PreconditionFailed", "404", "412"}
_CONFLICT = 409


def quarantine_upload(upload: Upload, *, version_id: str, bucket: str) -> None:
    """Copy an upload to the quarantine bucket, under its own key, and then delete it.

    The quarantine bucket keeps versions, so that two originals of one key are both there.

    Parameters
    ----------
    upload
        The upload, of at most 5 GB: more is not copied by one request of S3, and the step fails.
    version_id
        The upload's version.
    bucket
        The quarantine bucket.

    Raises
    ------
    StorageBusy
        When S3 cannot answer just now.
    """
    source: CopySourceTypeDef = {"Bucket": upload.bucket, "Key": upload.key, "VersionId": version_id}
    try:
        with transient_storage_errors():
            clients.s3().copy_object(
                Bucket=bucket, Key=upload.key, CopySource=source, CopySourceIfMatch=f'"{upload.etag}"'
            )
    except ClientError as error:
        # An earlier attempt moved it.
        if _gone_or_replaced(error):
            return
        raise
    delete_upload(upload, version_id=version_id)


def delete_upload(upload: Upload, *, version_id: str) -> None:
    """Delete the version that was uploaded, for good.

    Parameters
    ----------
    upload
        The upload.
    version_id
        Its version.

    Raises
    ------
    StorageBusy
        When S3 cannot answer just now.
    """
    try:
        with transient_storage_errors():
            clients.s3().delete_object(Bucket=upload.bucket, Key=upload.key, VersionId=version_id)
    except ClientError as error:
        if not _gone_or_replaced(error):
            raise


def _gone_or_replaced(error: ClientError) -> bool:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] == _CONFLICT:
        raise StorageBusy(str(error)) from error
    return error.response["Error"]["Code"] in _GONE_OR_REPLACED
