"""Entry point of the step that records an upload as published and announces it."""

import os
from datetime import timedelta
from typing import Any

from awskit.outcomes.announcements import announce
from awskit.outcomes.publication import Publication, record_publication
from awskit.outcomes.withdrawal import discard_attempt
from awskit.records.rendition_sets import set_of
from awskit.records.table import Records, records_from_environment
from awskit.rejection import RejectedImage
from awskit.steps import Answer, perform_step
from awskit.uploads import Upload, validate_key
from safelight_contracts.environment import Variable
from safelight_contracts.events import Announcement
from safelight_contracts.keys import place_id
from safelight_contracts.records import Status


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Record an upload as published, then announce it. If it is not published, remove its renditions.

    `event`: `{"image", "execution", "redrives", "version", "dimensions", "renditions"}`. If routes are data, also
    `"claimed"`, which is true; `"route"`, the route's name, which is announced; and `"checks": [{"check", "accepted",
    "reason", "detail"}]`, `"photoMetadata"`, what the camera wrote, and `"redacted"`, what was covered, which are
    recorded.

    Returns `{"status"}`: `PUBLISHED`, or the outcome that another execution recorded for the same upload. That outcome
    is not announced again. Raises RejectedImage: `SUPERSEDED` if a newer upload of the same key is published,
    `WITHDRAWN` if the upload was deleted.
    """

    def publish(upload: Upload) -> Answer:
        validate_key(upload)
        records = records_from_environment()
        publication = _publication(event, upload=upload)
        try:
            recorded_before = _record(publication, records=records)
        except RejectedImage:
            _discard(publication, records=records)
            raise
        if recorded_before is not None:
            _discard(publication, records=records)
            return {"status": recorded_before}
        announce(_announcement(publication, records=records), bus=os.environ[Variable.EVENT_BUS])
        return {"status": Status.PUBLISHED.value}

    return perform_step(event, step=publish)


def _publication(event: dict[str, Any], *, upload: Upload) -> Publication:
    return Publication(
        upload=upload,
        place_id=place_id(upload.key, prefix=os.environ[Variable.KEY_PREFIX]),
        version=event["version"],
        claimed=event.get("claimed", False),
        renditions_set=set_of(upload, published_prefix=os.environ[Variable.PUBLISHED_PREFIX]),
        dimensions=event["dimensions"],
        renditions=event["renditions"],
        route=event.get("route"),
        checks=event.get("checks"),
        photo_metadata=event.get("photoMetadata"),
        redacted=event.get("redacted"),
    )


def _record(publication: Publication, *, records: Records) -> str | None:
    kept = timedelta(seconds=int(os.environ[Variable.KEEP_REPLACED_SECONDS]))
    return record_publication(publication, records=records, keep_replaced=kept)


def _discard(publication: Publication, *, records: Records) -> None:
    discard_attempt(publication.renditions_set, records=records, bucket=os.environ[Variable.PUBLISHED_BUCKET])


def _announcement(publication: Publication, *, records: Records) -> Announcement:
    upload = publication.upload
    return Announcement(
        status=Status.PUBLISHED,
        bucket=upload.bucket,
        key=upload.key,
        version_id=upload.version_id,
        place_id=publication.place_id,
        workflow=records.workflow,
        version=publication.version,
        execution=upload.execution,
        renditions=publication.renditions,
        route=publication.route,
    )
