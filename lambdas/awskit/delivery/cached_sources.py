"""Sources of which CloudFront may have cached results, and the overlays on these.

An invalidation is only paid for these.
"""

from collections.abc import Iterable

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.places import is_missing
from awskit.transient_errors import transient_storage_errors
from safelight_contracts.delivery.result_keys import (
    ALL_RESULTS,
    cached_key,
    overlaid_key,
    overlaid_prefix,
    overlaid_source_prefix,
)

# A function deletes the results of so many sources in its time.
_MAX_OVERLAID = 500


@transient_storage_errors()
def mark_cached(*, bucket: str, key: str, overlays: Iterable[tuple[str, str]], results_bucket: str) -> None:
    """Say that CloudFront may cache results of a source. Call it before one of them is stored.

    Parameters
    ----------
    overlays
        Bucket and key of each overlay on the result.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    _ensure(cached_key(bucket=bucket, key=key), bucket=results_bucket)
    for overlay_bucket, overlay_key in overlays:
        mark = overlaid_key(overlay_bucket=overlay_bucket, overlay_key=overlay_key, bucket=bucket, key=key)
        _ensure(mark, bucket=results_bucket)


def _ensure(mark: str, *, bucket: str) -> None:
    try:
        # A tenth of the price of a write.
        clients.s3().head_object(Bucket=bucket, Key=mark)
    except ClientError as error:
        if not is_missing(error):
            raise
        clients.s3().put_object(Bucket=bucket, Key=mark, Body=b"")


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


@transient_storage_errors()
def overlaid_sources(*, bucket: str, key: str, results_bucket: str) -> list[str]:
    """Return the prefixes of the results of each source that CloudFront may have cached with an overlay.

    Parameters
    ----------
    bucket, key
        Of the overlay.

    Returns
    -------
    list of str
        The prefix of all results, if the overlay is on results of more than 500 sources.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    answer = clients.s3().list_objects_v2(
        Bucket=results_bucket, Prefix=overlaid_prefix(bucket=bucket, key=key), MaxKeys=_MAX_OVERLAID
    )
    if answer["IsTruncated"]:
        return [ALL_RESULTS]
    return [overlaid_source_prefix(there["Key"]) for there in answer.get("Contents", ())]
