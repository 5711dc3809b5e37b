"""Copy an upload to the quarantine."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from awskit.redaction import large_objects
from awskit.redaction.objects import StoredUpload, UploadChangedError
from awskit.transient_errors import transient_storage_errors
from safelight_contracts.redaction.dicom import QUARANTINE_REASON
from safelight_contracts.redaction.service import MADE_FROM

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

_CHANGED = (404, 405, 412)


@transient_storage_errors()
def put_aside(upload: StoredUpload, *, bucket: str, key: str, made_from: str, reason: str) -> None:
    """Copy an upload, without its metadata and tags. The copy's metadata and its tag have the reason.

    Raises UploadChangedError if the upload was replaced or deleted in the meantime. Raises ServiceBusy if S3 is
    temporarily unavailable.
    """
    source: CopySourceTypeDef = {"Bucket": upload.bucket, "Key": upload.key}
    if upload.version_id is not None:
        source["VersionId"] = upload.version_id
    try:
        large_objects.s3().copy_object(
            Bucket=bucket,
            Key=key,
            CopySource=source,
            CopySourceIfMatch=upload.etag,
            MetadataDirective="REPLACE",
            Metadata={MADE_FROM: made_from, QUARANTINE_REASON: reason},
            ContentType="application/octet-stream",
            TaggingDirective="REPLACE",
            Tagging=urlencode({QUARANTINE_REASON: reason}),
        )
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in _CHANGED:
            raise UploadChangedError from error
        raise
