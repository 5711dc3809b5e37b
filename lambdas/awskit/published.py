"""Writing renditions, where the newest upload wins whatever the order its event came in."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.rejection import RejectedImage, UploadFault
from awskit.storage import raising_storage_busy

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

_SEQUENCER = "sequencer"
_MAX_ATTEMPTS = 5
# A key's renditions change with its next upload, so a browser must ask again before long.
_CACHE_CONTROL = "public, max-age=300"


class PublishedObjectContended(Exception):  # noqa: N818 - named as the workflow's history shows it
    """Raised when other writers got ahead each time; a retry of the step may get through."""


@raising_storage_busy()
def put_newest(*, bucket: str, key: str, data: bytes, content_type: str, sequencer: str) -> None:
    """Write a rendition, unless one of a newer upload is there.

    Every write has a condition on what it replaces, so that of two writers at once one sees the other. See
    "How to prevent object overwrites with conditional writes" in the user guide of Amazon S3.

    Parameters
    ----------
    bucket, key
        Where to.
    data
        The whole file.
    content_type
        Its media type.
    sequencer
        The upload's, padded; kept with the object as metadata.

    Raises
    ------
    RejectedImage
        `SUPERSEDED` when a rendition of a newer upload is there.
    PublishedObjectContended
        When the write lost against others five times.
    StorageBusy
        When S3 cannot answer just now.
    """
    wanted: PutObjectRequestTypeDef = {
        "Bucket": bucket,
        "Key": key,
        "Body": data,
        "ContentType": content_type,
        "CacheControl": _CACHE_CONTROL,
        "Metadata": {_SEQUENCER: sequencer},
    }
    older: str | None = None
    for _ in range(_MAX_ATTEMPTS):
        request: PutObjectRequestTypeDef = (
            {**wanted, "IfNoneMatch": "*"} if older is None else {**wanted, "IfMatch": older}
        )
        try:
            clients.s3().put_object(**request)
        except ClientError as error:
            match _status(error):
                case 409:
                    # ConditionalRequestConflict: another write was under way, and may not have come to anything.
                    continue
                case 412:
                    older = _etag_of_older(bucket=bucket, key=key, sequencer=sequencer)
                case 404 if older is not None:
                    # What was to be replaced is gone.
                    older = None
                case _:
                    raise
        else:
            return
    raise PublishedObjectContended(key)


def _etag_of_older(*, bucket: str, key: str, sequencer: str) -> str | None:
    try:
        there = clients.s3().head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        # An object that was deleted meanwhile: 404, or 403 for a role that may not list the bucket, says "HeadObject"
        # in the API reference of Amazon S3. A step's role may not.
        if _status(error) in {403, 404}:
            return None
        raise
    if there["Metadata"].get(_SEQUENCER, "") > sequencer:
        raise RejectedImage(UploadFault.SUPERSEDED)
    return there["ETag"]


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
