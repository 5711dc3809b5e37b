"""Sources of which CloudFront may have cached results, and the overlays on these.

Only these cost an invalidation, and more than one list of the results bucket.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from awskit import clients
from awskit.delivery.places import is_missing
from awskit.transient_errors import transient_storage_errors
from safelight_contracts.delivery.result_keys import (
    ALL_RESULTS,
    cached_key,
    overlaid_key,
    overlaid_source_prefix,
)

# A function deletes the results of so many sources in its time.
_MAX_OVERLAID = 500


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What CloudFront may have cached because of a source.

    Parameters
    ----------
    has_results
        Whether the source has results, or had some, or something was found in it.
    overlaid
        The prefixes of the results of each source that it is an overlay on. It is the prefix of all results, if these
        are more than 500 sources.
    """

    has_results: bool
    overlaid: Sequence[str]


@transient_storage_errors()
def mark_cached(*, bucket: str, key: str, overlays: Iterable[tuple[str, str]], results_bucket: str) -> None:
    """Say that CloudFront may cache results of a source. Call it before anything about the source is stored.

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
def marks_of(*, bucket: str, key: str, results_bucket: str) -> Marks:
    """Return what CloudFront may have cached because of a source.

    Raises
    ------
    ServiceBusy
        If S3 is temporarily unavailable.
    """
    own = cached_key(bucket=bucket, key=key)
    # The function that forgets may list the bucket, but not read objects. The own mark comes first, and no mark of
    # another source begins with it.
    answer = clients.s3().list_objects_v2(Bucket=results_bucket, Prefix=own, MaxKeys=_MAX_OVERLAID + 2)
    found = [there["Key"] for there in answer.get("Contents", ())]
    overlaid = [overlaid_source_prefix(mark) for mark in found if mark != own]
    return Marks(has_results=own in found, overlaid=overlaid if len(overlaid) <= _MAX_OVERLAID else [ALL_RESULTS])
