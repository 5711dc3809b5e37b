"""Sources of which CloudFront may have cached results: an invalidation is only paid for these."""

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.places import is_missing
from awskit.transient_errors import transient_storage_errors
from safelight_contracts.delivery.result_keys import cached_key


@transient_storage_errors()
def mark_cached(*, bucket: str, key: str, results_bucket: str) -> None:
    """Say that CloudFront may cache results of a source. Call it before the first of them is stored.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    mark = cached_key(bucket=bucket, key=key)
    try:
        # A tenth of the price of a write.
        clients.s3().head_object(Bucket=results_bucket, Key=mark)
    except ClientError as error:
        if not is_missing(error):
            raise
        clients.s3().put_object(Bucket=results_bucket, Key=mark, Body=b"")


@transient_storage_errors()
def is_cached(*, bucket: str, key: str, results_bucket: str) -> bool:
    """Return whether CloudFront may have cached results of a source.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    # The function that forgets may list the bucket, but not read objects. No mark is a prefix of another.
    answer = clients.s3().list_objects_v2(Bucket=results_bucket, Prefix=cached_key(bucket=bucket, key=key), MaxKeys=1)
    return answer["KeyCount"] > 0
