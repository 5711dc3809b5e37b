"""Taking away: what was published of an upload that is rejected now, and the upload itself."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from awskit import clients
from awskit.storage import StorageBusy, raising_storage_busy
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef, DeleteObjectRequestTypeDef

# What S3 says of an object that is gone or was replaced; HEAD says the status alone. The role may list both buckets, or
# it would be 403. A bucket that is not there is another matter.
_GONE_OR_REPLACED = {"NoSuchKey", "NoSuchVersion", "PreconditionFailed", "404", "412"}
_CONFLICT = 409


@raising_storage_busy()
def withdraw_publication(upload: Upload, *, place_id: str, table: str, bucket: str) -> int:
    """Delete the renditions that an upload's record names, its place's asset, and their names from the record.

    What a newer upload of the key has published since is left alone.

    Parameters
    ----------
    upload
        The upload.
    place_id
        The place it belongs to.
    table
        The records table.
    bucket
        Where renditions are.

    Returns
    -------
    int
        How many objects were deleted.

    Raises
    ------
    StorageBusy
        When S3 or DynamoDB cannot answer just now.
    """
    record = {"pk": {"S": f"IMAGE#{upload.key}"}, "sk": {"S": f"UPLOAD#{upload.sequencer}"}}
    item = clients.dynamodb().get_item(TableName=table, Key=record, ConsistentRead=True).get("Item", {})
    renditions = item.get("renditions", {}).get("L", [])
    if not renditions:
        return 0
    deleted = sum(
        _delete_rendition(bucket=bucket, key=rendition["M"]["key"]["S"], sequencer=upload.sequencer)
        for rendition in renditions
    )
    asset = {"pk": {"S": f"PLACE#{place_id}"}, "sk": {"S": f"ASSET#{upload.key}"}}
    mine = {":sequencer": {"S": upload.sequencer}}
    try:
        clients.dynamodb().delete_item(
            TableName=table,
            Key=asset,
            ConditionExpression="sequencer = :sequencer",
            ExpressionAttributeValues=mine,
        )
    except clients.dynamodb().exceptions.ConditionalCheckFailedException:
        pass  # It is a newer upload's, or was deleted by an earlier attempt.
    clients.dynamodb().update_item(TableName=table, Key=record, UpdateExpression="REMOVE renditions")
    return deleted


def quarantine_upload(upload: Upload, *, bucket: str) -> None:
    """Copy an upload to the quarantine bucket, under its own key, and then delete it.

    Parameters
    ----------
    upload
        The upload, of at most 5 GB: more is not copied by one request of S3, and the step fails.
    bucket
        The quarantine bucket.
    """
    source: CopySourceTypeDef = {"Bucket": upload.bucket, "Key": upload.key}
    if upload.version_id is not None:
        source["VersionId"] = upload.version_id
    try:
        with raising_storage_busy():
            clients.s3().copy_object(
                Bucket=bucket, Key=upload.key, CopySource=source, CopySourceIfMatch=f'"{upload.etag}"'
            )
    except ClientError as error:
        # An earlier attempt moved it, or a newer upload took its place, which has an event of its own.
        if _gone_or_replaced(error):
            return
        raise
    delete_upload(upload)


def delete_upload(upload: Upload) -> None:
    """Delete an upload for good.

    Its very version goes; in a bucket without versions the object does, unless it was replaced.

    Parameters
    ----------
    upload
        The upload.
    """
    request: DeleteObjectRequestTypeDef = {"Bucket": upload.bucket, "Key": upload.key}
    if upload.version_id is None:
        request["IfMatch"] = f'"{upload.etag}"'
    else:
        request["VersionId"] = upload.version_id
    try:
        with raising_storage_busy():
            clients.s3().delete_object(**request)
    except ClientError as error:
        if not _gone_or_replaced(error):
            raise


def _delete_rendition(*, bucket: str, key: str, sequencer: str) -> int:
    try:
        with raising_storage_busy():
            there = clients.s3().head_object(Bucket=bucket, Key=key)
            if there["Metadata"].get("sequencer") != sequencer:
                return 0
            clients.s3().delete_object(Bucket=bucket, Key=key, IfMatch=there["ETag"])
    except ClientError as error:
        if _gone_or_replaced(error):
            return 0
        raise
    return 1


def _gone_or_replaced(error: ClientError) -> bool:
    if error.response["ResponseMetadata"]["HTTPStatusCode"] == _CONFLICT:
        raise StorageBusy(str(error)) from error
    return error.response["Error"]["Code"] in _GONE_OR_REPLACED
