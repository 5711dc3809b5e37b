"""The redacted video in the destination: one object, written when everything is done, and never an older one."""

from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from awskit.redaction.large_objects import upload
from awskit.redaction.objects import StoredCopy, delete_copy, find_copy
from awskit.redaction.video.steps import Job
from awskit.rejection import RejectedImage, UploadFault
from awskit.storage.objects import validate_current
from awskit.transient_errors import ServiceBusy
from safelight_contracts.redaction.reviews import after_key, before_key, boxes_key
from safelight_contracts.redaction.videos import EXECUTION, UPLOAD, generation_of, identity_of
from safelight_contracts.renditions import RENDITION_MARKER
from videokit.info import Container

CONTENT_TYPES = {
    Container.MP4: "video/mp4",
    Container.MOV: "video/quicktime",
    Container.MKV: "video/x-matroska",
}

_NOT_FOUND, _CONFLICT, _PRECONDITION_FAILED = 404, 409, 412


def is_redacted(job: Job) -> bool:
    """Return whether the destination has this upload, redacted with the same settings.

    Raises RejectedImage: `SUPERSEDED`, if it has the same bytes of a later upload. Raises ServiceBusy if S3 is
    temporarily unavailable.
    """
    there = _there(job)
    _validate_latest(there, job=job)
    return _is_same(there, job=job)


def publish(path: Path, *, job: Job, container: Container) -> bool:
    """Write the redacted video, if its source is still current. Return whether it is this execution's.

    Two executions of one upload write one object, and only one of them announces it. One of an older upload never
    replaces that of a newer one: it looks at the destination before it looks at the source, and S3 refuses it if the
    destination has changed since. If the source is deleted while the object is written, the caller must `withdraw` it.

    Raises RejectedImage: `SUPERSEDED` or `WITHDRAWN`. Raises ServiceBusy if S3 is temporarily unavailable, or another
    execution has written the object.
    """
    there = _there(job)
    _validate_latest(there, job=job)
    if there is not None and _is_same(there, job=job):
        _validate_not_deleted(job)
        return _is_own(there, job=job)
    validate_current(job.source)
    condition: dict[str, Any] = {"IfNoneMatch": "*"} if there is None else {"IfMatch": there.etag}
    try:
        upload(
            path,
            Bucket=job.settings.destination_bucket,
            Key=job.destination_key,
            ContentType=CONTENT_TYPES[container],
            Metadata={
                RENDITION_MARKER: "true",
                EXECUTION: job.work.prefix,
                UPLOAD: job.source.sequencer,
                **_identity(job),
            },
            **condition,
        )
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in (_NOT_FOUND, _CONFLICT, _PRECONDITION_FAILED):
            raise ServiceBusy("The destination has changed.") from error
        raise
    _validate_not_deleted(job)
    return True


def withdraw(job: Job) -> None:
    """Delete what this execution has written to the destination and for review.

    The review stays if another execution has written it, or if one of the same source has published.

    Raises ServiceBusy if S3 is temporarily unavailable.
    """
    published = _there(job)
    if published is not None and _is_own(published, job=job):
        delete_copy(published)
    elif _is_of_source(published, job=job):
        return
    for key_of in (boxes_key, before_key, after_key):
        review = find_copy(bucket=job.settings.work_bucket, key=key_of(job.destination_key))
        if review is not None and _is_own(review, job=job):
            delete_copy(review)


def _validate_not_deleted(job: Job) -> None:
    """Look at the source again: gigabytes take minutes to write. What a newer video replaces stays until then."""
    try:
        validate_current(job.source)
    except RejectedImage as rejection:
        if rejection.reason is not UploadFault.SUPERSEDED:
            raise


def _identity(job: Job) -> dict[str, str]:
    source = job.source
    return identity_of(etag=source.etag, version_id=source.version_id, redaction=generation_of(job.settings))


def _validate_latest(there: StoredCopy | None, *, job: Job) -> None:
    """Validate that no copy of the same bytes is there that were uploaded later, which their ETag does not tell."""
    if there is not None and _is_of_source(there, job=job) and there.metadata.get(UPLOAD, "") > job.source.sequencer:
        raise RejectedImage(UploadFault.SUPERSEDED)


def _is_of_source(there: StoredCopy | None, *, job: Job) -> bool:
    return there is not None and _identity(job).items() <= there.metadata.items()


def _is_same(there: StoredCopy | None, *, job: Job) -> bool:
    """Whether it is of this upload, whoever has written it."""
    is_of_upload = there is not None and there.metadata.get(UPLOAD) == job.source.sequencer
    return is_of_upload and _is_of_source(there, job=job)


def _is_own(there: StoredCopy, *, job: Job) -> bool:
    """Whether this execution has written it."""
    return there.metadata.get(EXECUTION) == job.work.prefix


def _there(job: Job) -> StoredCopy | None:
    return find_copy(bucket=job.settings.destination_bucket, key=job.destination_key)
